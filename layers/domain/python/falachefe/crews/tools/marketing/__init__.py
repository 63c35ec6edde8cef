"""The marketing agent's tools: campaigns and ideas for posts. Each module lists its own in `TOOLS`."""
