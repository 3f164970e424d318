"""The road of the files that units send: what was taken in, as if it were one source."""
