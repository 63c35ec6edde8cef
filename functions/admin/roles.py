"""/v1/admin/roles: the company's own roles, and those of a clinic."""

from falachefe.access.roles_resource import ROLES
from falachefe.resources.http import serve

api = serve(ROLES)
handler = api.handler()
