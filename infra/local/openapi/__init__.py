"""The OpenAPI document of all domains, made from their handlers."""
