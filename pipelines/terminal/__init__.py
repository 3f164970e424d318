"""What a command is asked for at a terminal, and how it answers: names, tables, figures, pages of text."""
