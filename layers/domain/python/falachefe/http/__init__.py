"""REST endpoints without domain rules: routing, problem details, principal, validation, limits and OpenAPI."""
