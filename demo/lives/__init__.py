"""What happens to the people: poverty, merit, assistance, work, payments, and when each unit sends its lists."""
