"""The inbox: what units lay there, taken in or given back. No Dagster here."""
