"""Workbooks that leave the hub for a person's hands: written safely, and the one for the unit that sent the rows."""
