"""Exports of a resource to a file: request, background run, formats and stored files."""
