"""What the hub keeps of its own running: nights and their figures, runs' long texts, alerts, backups, terms that are over."""
