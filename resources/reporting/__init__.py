"""The national reporting system: its client, what waits to be sent, and the sending."""
