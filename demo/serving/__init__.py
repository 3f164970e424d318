"""What the synthetic servers of other organisations have alike: who is let in, how they stand, how they misbehave."""
