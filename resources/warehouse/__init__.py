"""The hub's own database: its tables, what it keeps of every cell, the rows set aside, the rules over sets of rows."""
