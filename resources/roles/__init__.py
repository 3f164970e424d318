"""The roles of the databases: making them from the list (schemas/roles.py), and what a login holds beside it."""
