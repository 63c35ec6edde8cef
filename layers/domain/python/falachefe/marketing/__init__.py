"""Campaigns to customer segments, their results, and suggestions for posts."""
