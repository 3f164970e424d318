"""Whom and what indicators count: the SQL that two or more of them share, so that figures that must agree read one text.

A module a subject. What one indicator alone counts stands in its own file. The parameters are those of parameters.py.
"""
