"""/v1/admin/roles: the roles that the company defined, including those of a clinic."""

from falachefe.access.roles_resource import ROLES
from falachefe.app.rest import resource_api

api = resource_api(ROLES)
handler = api.handler()
