"""What runs in the process that meets the file: the guard, the reader, and nothing that holds a secret or a connection."""
