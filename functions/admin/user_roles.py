"""/v1/admin/users/{item_id}/roles: the roles of a user."""

from uuid import UUID

from aws_lambda_powertools.event_handler import Response

from falachefe.access import role_assignments
from falachefe.accounts.user_schemas import RolesOfUser
from falachefe.administration.users import LIMIT
from falachefe.app.rest import rest_api
from falachefe.http.unit_of_work import request_unit_of_work

api = rest_api("admin")
GONE = {404: "No such user or role"}


@api.get("/users/<item_id>/roles", permission="users.read", limit=LIMIT, summary="List a user's roles", refuses=GONE)
def listed(item_id: UUID) -> RolesOfUser:
    with request_unit_of_work(api) as work:
        return {"data": role_assignments.listed(work, item_id)}


@api.post(
    "/users/<item_id>/roles/<role_id>",
    permission="users.update",
    limit=LIMIT,
    summary="Assign a role to a user",
    refuses=GONE,
)
def assign(item_id: UUID, role_id: UUID) -> RolesOfUser:
    with request_unit_of_work(api) as work:
        return {"data": role_assignments.assign(work, item_id, role_id)}


@api.delete(
    "/users/<item_id>/roles/<role_id>",
    permission="users.update",
    limit=LIMIT,
    status_code=204,
    summary="Remove a role from a user",
    refuses=GONE,
)
def unassign(item_id: UUID, role_id: UUID) -> Response[str]:
    with request_unit_of_work(api) as work:
        role_assignments.unassign(work, item_id, role_id)
    return Response(204, body="")


handler = api.handler()
