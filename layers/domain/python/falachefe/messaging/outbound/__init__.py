"""Sending of outbound messages in parts, and their delivery status."""
