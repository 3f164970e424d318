"""The offices of districts, communes and the department: they keep their books, and send files of them.

The books are a database that nobody but the offices sees (demo/databases); the hub is given what lies in its inbox.
"""
