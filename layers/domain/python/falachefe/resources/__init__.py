"""Resource toolkit: a model, its schemas and one declaration make a REST resource (docs/adding-a-resource.md)."""
