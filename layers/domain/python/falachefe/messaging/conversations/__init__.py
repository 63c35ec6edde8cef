"""Conversations and contacts: stored messages, waiting ones, staff notes and the API channel."""
