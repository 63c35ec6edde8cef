"""Composition root: builds the runtime from settings and wires the contexts together. Only `functions/` imports it."""
