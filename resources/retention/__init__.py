"""What is past its term outside the warehouse: raw files, workbooks and files given back, logs, the orchestrator's events."""
