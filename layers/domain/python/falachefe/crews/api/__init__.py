"""REST API of crews: resources, schemas and reports."""
