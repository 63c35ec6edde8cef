"""Webhook of the providers: verification, admission, and queue messages for what was received."""
