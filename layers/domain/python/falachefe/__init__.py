"""Domain layer of Falachefe: one package per subject; imports run from `app` down to `kernel` (docs/architecture.md)."""
