"""The orchestrator's tools: greeting, help, reminders and undo. Each module lists its own in `TOOLS`."""
