"""The agents: definitions, model chain with fallbacks, and the run of one agent in a turn."""
