"""What units send as files: looked for, opened as a stranger's, judged, taken in or given back with a note. No orchestrator is known here."""
