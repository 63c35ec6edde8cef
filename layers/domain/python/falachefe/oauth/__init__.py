"""Sign-in with OAuth providers: start, callback, flows and verification of their tokens."""
