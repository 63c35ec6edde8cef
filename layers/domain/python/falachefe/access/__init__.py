"""What a user may do: permissions, roles and their assignment, and the cache that reads them."""
