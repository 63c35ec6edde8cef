"""/v1/admin/auth-logs: attempts to sign in by phone."""

from falachefe.app.rest import resource_api
from falachefe.phone_sign_in.log_resource import AUTH_LOGS

api = resource_api(AUTH_LOGS)
handler = api.handler()
