"""/v1/crews/tasks: what the agents did, task by task."""

from falachefe.app.rest import resource_api
from falachefe.crews.api.resources import TASKS

api = resource_api(TASKS)
handler = api.handler()
