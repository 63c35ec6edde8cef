"""The orchestrator's tools: greeting and help. Each module lists its own in `TOOLS`."""
