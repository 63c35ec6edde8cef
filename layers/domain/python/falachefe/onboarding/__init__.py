"""Founding of a company over several contexts: its first user and defaults."""
