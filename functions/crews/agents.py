"""/v1/crews/agents: the agents of its crews."""

from falachefe.app.rest import resource_api
from falachefe.crews.api.resources import AGENTS

api = resource_api(AGENTS)
handler = api.handler()
