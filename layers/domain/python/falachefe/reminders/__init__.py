"""Reminders: what a person asked to be told, and when."""
