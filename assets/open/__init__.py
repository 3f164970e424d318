"""Open data: its figures counted from core, and their publication."""
