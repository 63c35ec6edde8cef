"""/v1/crews/tasks: the tasks of the agents."""

from falachefe.app.rest import resource_api
from falachefe.crews.api.resources import TASKS

api = resource_api(TASKS)
handler = api.handler()
