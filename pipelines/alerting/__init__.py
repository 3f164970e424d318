"""What the operators are told: which matters there are, in whose words, each once."""
