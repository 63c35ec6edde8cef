"""/v1/admin/auth-logs: how phones signed in."""

from falachefe.phone_sign_in.log_resource import AUTH_LOGS
from falachefe.resources.http import serve

api = serve(AUTH_LOGS)
handler = api.handler()
