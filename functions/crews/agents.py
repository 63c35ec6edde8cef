"""/v1/crews/agents: the agents of the company's crews."""

from falachefe.app.rest import resource_api
from falachefe.crews.api.resources import AGENTS

api = resource_api(AGENTS)
handler = api.handler()
