"""GET /v1/admin/permissions: everything that a role may be built from."""

from typing import Any

from falachefe.auth.permissions import PERMISSIONS
from falachefe.http.api import Api

api = Api("admin")


@api.get("/permissions", permission="roles.read")
def listed() -> dict[str, Any]:
    who = api.principal()
    return {
        "data": [
            {"code": code, "description": description, "held": who.may(code)}
            for code, description in PERMISSIONS.items()
        ]
    }


handler = api.handler()
