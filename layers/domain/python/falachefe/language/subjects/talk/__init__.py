"""Small talk, and taking back the last act."""
