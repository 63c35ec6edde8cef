"""Audit log: append-only entries of who did what to which resource, masking of personal data, and the archive."""
