"""Campaigns, posts and how many customers there are."""
