"""The hr agent's tools: employees, time off and absences. Each module lists its own in `TOOLS`."""
