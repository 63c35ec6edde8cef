"""POST /v1/admin/roles/clinic: the six roles of a veterinary hospital, made or brought up to date."""

from falachefe.auth.clinic_roles import bring_up_to_date
from falachefe.auth.people_schemas import RoleOut
from falachefe.auth.roles_resource import ROLES
from falachefe.http.api import Api
from falachefe.resources import store
from falachefe.resources.working import working

api = Api("admin")


@api.post(
    "/roles/clinic",
    permission="roles.create",
    summary="Make the roles of a clinic, or bring them up to date",
    refuses={409: "A role of the company's own has the name of one of them"},
)
def make() -> dict[str, list[RoleOut]]:
    with working(api) as work:
        roles = bring_up_to_date(work)
        return {"data": store.documents(work, ROLES, roles)}  # type: ignore[dict-item]  # documents, as they are sent


handler = api.handler()
