"""Resource toolkit: REST routes from a model, its schemas and one declaration (docs/adding-a-resource.md)."""
