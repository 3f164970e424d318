"""How the operators are told: a letter by their mail server, a line to their webhook. What is told is decided elsewhere."""
