"""What runs, in which process: the instance, jobs run here and now, what stands while the UI is open, how all of it ends."""
