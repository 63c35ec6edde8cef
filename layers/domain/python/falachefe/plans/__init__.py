"""Plans and subscriptions of companies, and the limits that they set."""
