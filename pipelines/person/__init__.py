"""What the commands tell and do on the word of one person."""
