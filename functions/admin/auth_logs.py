"""/v1/admin/auth-logs: how phones signed in."""

from falachefe.app.rest import resource_api
from falachefe.phone_sign_in.log_resource import AUTH_LOGS

api = resource_api(AUTH_LOGS)
handler = api.handler()
