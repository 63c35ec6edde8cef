"""Feature flags: their catalogue and their values for a company."""
