"""The support agent's tools: published answers, tickets and calling a human. Each module lists its own in `TOOLS`."""
