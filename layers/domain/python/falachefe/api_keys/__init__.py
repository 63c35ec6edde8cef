"""API keys: creation, rotation, revocation and authentication."""
