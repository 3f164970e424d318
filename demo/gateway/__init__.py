"""A synthetic national reporting gateway: its server, its switches, its memory and the schema of its packets."""
