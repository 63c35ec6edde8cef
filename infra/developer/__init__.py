"""What a developer runs while working: tests on every save, and what is checked before a commit."""
