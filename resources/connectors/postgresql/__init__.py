"""A source kept in PostgreSQL: its sessions, what they may cost it, what is read and what has changed."""
