"""The tools that agents call: specification, arguments, permission check and use case."""
