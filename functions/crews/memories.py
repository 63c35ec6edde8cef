"""/v1/crews/memories: what the agents remember."""

from falachefe.app.rest import resource_api
from falachefe.crews.api.resources import MEMORIES

api = resource_api(MEMORIES)
handler = api.handler()
