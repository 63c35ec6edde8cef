"""Sign-in over WhatsApp with one-time codes."""
