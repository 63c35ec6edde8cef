"""/v1/crews/tasks: what the agents did, task by task."""

from falachefe.crews.api.resources import TASKS
from falachefe.resources.http import serve

api = serve(TASKS)
handler = api.handler()
