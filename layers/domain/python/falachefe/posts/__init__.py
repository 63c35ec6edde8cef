"""Posts as a REST resource, with slugs."""
