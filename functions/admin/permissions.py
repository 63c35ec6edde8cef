"""GET /v1/admin/permissions: all permissions that a role may contain."""

from falachefe.access.permissions import PERMISSIONS
from falachefe.accounts.schemas import Permissions
from falachefe.app.rest import rest_api

api = rest_api("admin")


@api.get("/permissions", permission="roles.read", summary="List the permissions that a role can have")
def listed() -> Permissions:
    who = api.principal()
    return {
        "data": [
            {"code": code, "description": description, "held": who.may(code)}
            for code, description in PERMISSIONS.items()
        ]
    }


handler = api.handler()
