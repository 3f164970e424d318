"""The grid of the UI held against what it is to show, and told again where it lost something."""
