"""User accounts: creation, changes, e-mail verification and passwords."""
