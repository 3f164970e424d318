"""How we reach the world: the only package that opens connections or reads the environment."""
