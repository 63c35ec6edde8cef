"""Tickets and published answers to questions."""
