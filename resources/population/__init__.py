"""The national population database as a service: who asks and why, what is asked, and what of an answer is believed."""
