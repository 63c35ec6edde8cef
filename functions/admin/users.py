"""/v1/admin/users: the users of the company."""

from falachefe.administration.users import USERS
from falachefe.app.rest import resource_api

NEEDS = ("sessions", "emails", "pepper")

api = resource_api(USERS)
handler = api.handler()
