"""Workbooks and CSV files that others send, hostile until checked: from a path and what is looked for to rows of texts and a report.

What meets the file itself runs in a process of its own (`apart/`), which may die of it. Nothing here knows an inbox or a database.
"""
