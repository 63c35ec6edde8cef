"""Domain layer of Falachefe: one package per subject, layered from `app` down to `kernel` (docs/architecture.md)."""
