"""POST /v1/admin/users/{item_id}/invitations: sends the link to set a first password again."""

from uuid import UUID

from falachefe.administration.users import (
    LIMIT,
    invitable,
    invite_again,
    limit_invitation,
)
from falachefe.app.rest import rest_api
from falachefe.http.schemas import Accepted
from falachefe.http.unit_of_work import request_unit_of_work

NEEDS = ("emails", "pepper")

api = rest_api("admin")


@api.post(
    "/users/<item_id>/invitations",
    permission="users.update",
    limit=LIMIT,
    status_code=202,
    summary="Invite a user again",
    refuses={404: "No such user", 409: "The user already has a password, or has no e-mail"},
)
def invite(item_id: UUID) -> tuple[Accepted, int]:
    with request_unit_of_work(api) as work:
        email = invitable(work, item_id)
    limit_invitation(api.services, work.company_id, email)
    with request_unit_of_work(api) as work:
        invite_again(work, item_id)
    return {"status": "accepted", "message": "Enviamos o convite outra vez."}, 202


handler = api.handler()
