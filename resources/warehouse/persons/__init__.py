"""What is done over the rows of one person, on whose word, and what the population database says of persons."""
