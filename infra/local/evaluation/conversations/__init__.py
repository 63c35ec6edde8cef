"""Whole conversations: what is written, the replies, and what the company's rows are afterwards."""
