"""The check against the national population database: one run of it, and how it is told."""
