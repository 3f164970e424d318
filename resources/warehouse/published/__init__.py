"""What the hub keeps of what it lets out: open figures and their instants, filings, and when each form was last looked at."""
