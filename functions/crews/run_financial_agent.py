"""agent-financial.fifo: the financial agent's part of a turn."""

from falachefe.app.agent_worker import agent_handler

handler = agent_handler("financial")
