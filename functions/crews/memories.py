"""/v1/crews/memories: what the agents remember."""

from falachefe.crews.api.resources import MEMORIES
from falachefe.resources.http import serve

api = serve(MEMORIES)
handler = api.handler()
