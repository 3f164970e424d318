"""What belongs to the place (ANSINH_CONFIG): read once a process, checked whole, laid over the shipped tables."""
