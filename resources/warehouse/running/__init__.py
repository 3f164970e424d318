"""What the hub keeps of its own running: nights, alerts, backups, the night in figures, terms that are over."""
