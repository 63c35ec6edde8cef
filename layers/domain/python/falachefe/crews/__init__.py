"""Crews of agents: the turns of a conversation, the agents that answer them, and their tools."""
