"""One module a command of `ansinh`. Dagster is imported only by those that run something."""
