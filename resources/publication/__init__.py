"""Where open data goes: the shared warehouse and the files that others read."""
