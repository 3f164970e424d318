"""One module for each source system: what the population looks like in that system's tables."""
