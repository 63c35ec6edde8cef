"""Worker of agent-<role>.fifo: runs the tasks of one agent; AGENT_ROLE is its role."""

from falachefe.app.agent_worker import agent_handler

handler = agent_handler()
