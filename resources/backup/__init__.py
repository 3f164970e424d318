"""Backups of all that the hub holds: making one, and bringing one back."""
