"""POST /v1/admin/roles/clinic: creates or updates the six roles of a veterinary hospital."""

from falachefe.access.clinic_roles import synchronize
from falachefe.access.roles_resource import ROLES
from falachefe.accounts.user_schemas import RoleOut
from falachefe.app.rest import rest_api
from falachefe.flags.reader import require
from falachefe.http.unit_of_work import request_unit_of_work
from falachefe.resources import crud

api = rest_api("admin")


@api.post(
    "/roles/clinic",
    permission="roles.create",
    summary="Create or update the roles of a clinic",
    refuses={
        403: "Needs roles.create, and the company needs the feature `clinic`",
        409: "One of the company's own roles has the name of a clinic role",
    },
)
def make() -> dict[str, list[RoleOut]]:
    with request_unit_of_work(api) as work:
        require(work.session, "clinic", work.company_id)
        roles = synchronize(work)
        return {"data": crud.documents(work, ROLES, roles)}  # type: ignore[dict-item]  # documents, as they are sent


handler = api.handler()
