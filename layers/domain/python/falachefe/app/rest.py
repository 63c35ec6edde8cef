"""Builds the REST APIs of `functions/` on `app.runtime`.

A handler file has `api = resource_api(RESOURCE)`, or `api = rest_api("<domain>")` and its routes, and then
`handler = api.handler()`. Dependencies are created and settings read only by the first request.
"""

from typing import TYPE_CHECKING, Any

from falachefe.app import runtime
from falachefe.http.api import Api
from falachefe.http.principal import Caller, Principal
from falachefe.http.services import Authenticator

if TYPE_CHECKING:
    from falachefe.resources.declaration import Resource
    from falachefe.resources.http import ResourceApi


def rest_api(domain: str) -> Api:
    """The API of a handler file that declares its own routes."""
    return Api(domain, runtime, authenticate=_authenticator(domain), addresses=runtime.address_guard)


def resource_api(resource: "Resource[Any, Any, Any]") -> "ResourceApi":
    """The routes of a resource, each behind the permission of its action; and its export, where it has one."""
    # SQLAlchemy and the toolkit, which a function without a database does without.
    from falachefe.app.export_registry import EXPORTABLE
    from falachefe.exports.route import add_export_route
    from falachefe.resources.http import ResourceApi

    authenticate = _authenticator(resource.domain)
    api = ResourceApi(resource, runtime, authenticate=authenticate, addresses=runtime.address_guard)
    if resource.parent is None and resource.name in EXPORTABLE:
        add_export_route(api)
    return api


def _authenticator(domain: str) -> Authenticator:
    # Routes on one's own account ignore a superadmin's access to another company.
    return _authenticate_at_home if domain == "auth" else _authenticate


def _authenticate(caller: Caller, *, own_company_only: bool = False) -> Principal:
    from falachefe.sessions.authenticator import principal_of  # loaded by the first request

    return principal_of(caller, runtime, own_company_only=own_company_only)


def _authenticate_at_home(caller: Caller) -> Principal:
    return _authenticate(caller, own_company_only=True)
