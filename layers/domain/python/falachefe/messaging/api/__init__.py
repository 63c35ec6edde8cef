"""REST API of messaging: resources, schemas and reports."""
