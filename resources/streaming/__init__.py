"""Rows by the million through one process: a step ahead, in the sizes that were measured, and the memory given back."""
