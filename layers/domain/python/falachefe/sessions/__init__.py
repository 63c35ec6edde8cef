"""Sessions of users: sign-in, access and refresh tokens, signing keys, and logout."""
