"""Processing of inbound messages: sign-in gate, plan limit, opt-out and opening of turns."""
