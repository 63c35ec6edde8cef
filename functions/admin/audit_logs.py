"""/v1/admin/audit-logs: who did what in the company."""

from falachefe.administration.audit_logs import AUDIT_LOGS
from falachefe.app.rest import resource_api

api = resource_api(AUDIT_LOGS)
handler = api.handler()
