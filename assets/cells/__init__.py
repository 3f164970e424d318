"""A dataset's cells, a period of a unit each: planned, pulled, judged and loaded, with their checks."""
