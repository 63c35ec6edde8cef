"""The single address of a local stack: APIs, the provider stand-in and the chat simulator on one port."""
