"""Columns that a row has beside those of its source: which line of which sheet of a file it was, and whose file that was.

They tell where a row came from, and are no part of what was received: the same row by another road compares equal.
"""

ROW, SHEET, SENDER = "ansinh_row", "ansinh_sheet", "ansinh_sender"
BESIDE = (ROW, SHEET, SENDER)
