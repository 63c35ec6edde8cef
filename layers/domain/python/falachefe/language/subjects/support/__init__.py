"""Questions of customers, tickets, a person to talk to."""
