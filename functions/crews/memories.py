"""/v1/crews/memories: facts and preferences that the crews keep about users."""

from falachefe.app.rest import resource_api
from falachefe.crews.api.resources import MEMORIES

api = resource_api(MEMORIES)
handler = api.handler()
