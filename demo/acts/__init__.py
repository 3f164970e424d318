"""What an officer tries by hand: a district, a clerk or a machine that does something wrong, as `ansinh demo fault` names it."""
