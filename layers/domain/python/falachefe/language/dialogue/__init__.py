"""Dialogue: splits a message into requests, tracks the dialogue state and fills slots over several messages."""
