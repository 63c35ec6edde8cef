"""/v1/crews/agents: the agents of its crews."""

from falachefe.crews.api.resources import AGENTS
from falachefe.resources.http import serve

api = serve(AGENTS)
handler = api.handler()
