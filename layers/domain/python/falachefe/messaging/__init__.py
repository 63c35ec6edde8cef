"""WhatsApp messaging: channels, webhook, inbound, conversations, outbound and providers."""
