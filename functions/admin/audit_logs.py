"""/v1/admin/audit-logs: who did what in the company."""

from falachefe.administration.audit_logs import AUDIT_LOGS
from falachefe.resources.http import serve

api = serve(AUDIT_LOGS)
handler = api.handler()
