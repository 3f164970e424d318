"""A synthetic provincial integration platform: what it serves of which database, how it misbehaves, and the population check."""
