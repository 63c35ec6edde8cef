"""Companies (tenants): their data, settings and business hours."""
