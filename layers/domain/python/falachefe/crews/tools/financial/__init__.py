"""The financial agent's tools: the ledger, its reports and budgets. Each module lists its own in `TOOLS`."""
