"""What a caller may do: roles, permissions, and the authenticator that turns a credential into a principal."""
