"""What arrived of each cell, by which pull and which file, and how the cell stands: who writes and who reads `ops.cells`."""
