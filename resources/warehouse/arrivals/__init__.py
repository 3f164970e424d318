"""What arrived of each cell, by which pull and which file, or by hand and why, and how the cell stands: `ops.cells`."""
