"""The one public address of a machine: APIs, the provider stand-in and the chat simulator behind one port."""
