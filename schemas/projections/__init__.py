"""What a declaration is elsewhere: a table of the warehouse and its rights, an open table, a fingerprint, the dated tables of `ref`.

A projection lists no column a second time. Whoever needs another one (a catalogue entry, a schema of an interface) adds a module here.
"""
