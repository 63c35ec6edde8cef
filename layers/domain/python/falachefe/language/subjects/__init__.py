"""Subjects: each turns the claims of a message into the tool calls of one area."""
