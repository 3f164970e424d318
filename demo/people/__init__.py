"""The synthetic people: households, kin, names, places and numbers; who died long ago. Knows no system and no dataset."""
