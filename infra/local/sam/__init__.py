"""The project's SAM templates: read, expanded, prepared for a deploy."""
