"""/v1/admin/settings: the settings of the company."""

from typing import Any

from falachefe.app.rest import rest_api
from falachefe.companies import settings
from falachefe.companies.settings import SettingsPatch, SettingsShown
from falachefe.http.parameters import IfMatch
from falachefe.http.unit_of_work import request_unit_of_work
from falachefe.resources.preconditions import tagged

api = rest_api("admin")


@api.get("/settings", permission="settings.read", summary="Get the company's settings")
def shown() -> SettingsShown:
    with request_unit_of_work(api) as work:
        return tagged(api.add_header, settings.get(work))


@api.patch(
    "/settings",
    permission="settings.update",
    summary="Update the company's settings",
    refuses={412: "The settings have changed since they were read", 428: "If-Match is missing"},
)
def change(body: SettingsPatch, if_match: IfMatch = None) -> SettingsShown:  # type: ignore[valid-type]  # made at run time
    patch: Any = body
    with request_unit_of_work(api) as work:
        changed = settings.change(work, patch, if_match)
    return tagged(api.add_header, changed)


handler = api.handler()
