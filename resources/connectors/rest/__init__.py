"""The road to a service behind the provincial integration platform."""
