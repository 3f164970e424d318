"""Rows into a dataset's history: the first time, whole cells, or only what has changed."""
