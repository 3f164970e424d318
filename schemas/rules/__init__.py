"""Rules over several rows, datasets or periods, one file per source system, and what row rules share."""
