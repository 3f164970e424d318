"""When it happens: definitions, jobs, schedules, sensors, the command line."""
