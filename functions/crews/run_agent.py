"""agent-<role>.fifo: one agent's part of a turn; AGENT_ROLE names the agent."""

from falachefe.app.agent_worker import agent_handler

handler = agent_handler()
