"""Workbooks that leave the hub for a person's hands, written safely; in `reading/` those that others send, read safely."""
