"""Structured logs without personal data, and trace ids."""
