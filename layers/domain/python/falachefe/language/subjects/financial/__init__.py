"""Money: entries, bills, reports, charts and files."""
