"""Creating a company with its first user, crew and plan, over several packages."""
