"""Claims: what the clauses of a message say about the company, ready for a subject to turn into tool calls."""
