"""What concerns one person: rows erased or to be corrected, on whose word, who saw them, papers, what the population database says."""
