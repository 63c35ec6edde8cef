"""E-mails of accounts: their texts, one-time tokens, requests to send one, and the worker that sends."""
