"""Runs the project's tests: all of them, those of what changed, and their coverage.

It needs no running stack. What runs the product is in `infra/local`.
"""
