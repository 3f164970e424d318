"""How rows are written: a plan of values by declared field becomes what the source holds."""
