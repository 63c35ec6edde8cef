"""Password hashing, password policy and lock-out after failed attempts."""
