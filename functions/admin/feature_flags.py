"""/v1/admin/feature-flags: features, and to which share of the companies each is released."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from falachefe.app.rest import rest_api
from falachefe.companies.schemas import (
    FlagIn,
    FlagPatch,
    FlagShown,
    FlagsShown,
)
from falachefe.flags import catalogue as flag_catalogue
from falachefe.flags.parameters import NamedFlag
from falachefe.http.parameters import IfMatch
from falachefe.http.unit_of_work import platform_unit_of_work, request_unit_of_work
from falachefe.resources.preconditions import tagged

api = rest_api("admin")
GONE = {404: "No such feature"}
STALE = {412: "The feature has changed since it was read"}


@api.get("/feature-flags", permission="flags.manage", summary="List the features")
def listed() -> FlagsShown:
    with request_unit_of_work(api) as work:
        return flag_catalogue.listed(work.session)


@api.get("/feature-flags/<name>", permission="flags.manage", summary="Get a feature", refuses=GONE)
def shown(name: NamedFlag) -> FlagShown:
    with request_unit_of_work(api) as work:
        return tagged(api.add_header, flag_catalogue.get(work.session, name))


@api.post(
    "/feature-flags",
    permission="flags.manage",
    status_code=201,
    summary="Create a feature",
    refuses={409: "The name is in use, or was used by a deleted feature"},
)
def create(body: FlagIn) -> tuple[FlagShown, int]:
    with platform_unit_of_work(api) as work:
        made = flag_catalogue.create(work, body)
    api.add_header("Location", f"/v1/admin/feature-flags/{body.name}")
    return tagged(api.add_header, made), 201


@api.patch(
    "/feature-flags/<name>",
    permission="flags.manage",
    summary="Update a feature and which companies have it",
    refuses={**GONE, **STALE, 428: "If-Match is missing"},
)
def change(name: NamedFlag, body: FlagPatch, if_match: IfMatch = None) -> FlagShown:  # type: ignore[valid-type]  # made at run time
    patch: Any = body
    with platform_unit_of_work(api) as work:
        changed = flag_catalogue.change(work, name, patch, if_match)
    return tagged(api.add_header, changed)


@api.delete(
    "/feature-flags/<name>",
    permission="flags.manage",
    status_code=204,
    summary="Delete a feature",
    refuses={**GONE, **STALE},
)
def remove(name: NamedFlag, if_match: IfMatch = None) -> Response[str]:
    with platform_unit_of_work(api) as work:
        flag_catalogue.remove(work, name, if_match)
    return Response(204, body="")


handler = api.handler()
