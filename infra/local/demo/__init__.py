"""The demo company: its data, and the conversation that `make demo` plays."""
