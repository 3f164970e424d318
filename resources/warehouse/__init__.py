"""The hub's own database: its tables, and every statement on what it keeps of cells, arrivals, nights and reports."""
