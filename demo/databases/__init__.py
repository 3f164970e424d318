"""The databases that play the source systems: made from the declarations, filled, counted by cell."""
