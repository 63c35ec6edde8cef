"""WhatsApp channels of a company: registration, set-up at the provider, state and lookup."""
