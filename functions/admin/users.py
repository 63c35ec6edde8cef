"""/v1/admin/users: the company's people."""

from falachefe.accounts.resource import USERS
from falachefe.resources.http import serve

NEEDS = ("sessions", "emails", "pepper")

api = serve(USERS)
handler = api.handler()
