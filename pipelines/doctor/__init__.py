"""What `ansinh doctor` looks at: a module a subject. Each check says how things are, or raises what has to be mended."""
