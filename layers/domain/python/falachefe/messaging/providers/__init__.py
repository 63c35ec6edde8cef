"""WhatsApp providers behind one port, `base.Provider`."""
