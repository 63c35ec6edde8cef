"""Bills: what the company has to pay and to receive, their payments, recurrences and the morning's digest."""
