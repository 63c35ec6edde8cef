"""API Gateway in process: a request becomes the proxy event of the handler that serves its route.

Routes are found in the handler files, as `infra.local.openapi.document` finds them: a new endpoint needs no line here.
"""

import base64
import importlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from ipaddress import IPv4Address
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, unquote

from falachefe.http.api import Api, RouteRule
from falachefe.kernel.ids import new_id
from infra.local.openapi.bare_routes import bare_apis
from infra.local.paths import ROOT
from tests.security.test_routes import routes_in_template

type Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
type Headers = list[tuple[str, str]]

_ADDRESSES = count(int(IPv4Address("10.0.0.1")))
NO_SUCH_ROUTE = 403
"""What API Gateway says to a path or method that no template names; no function is asked."""


@dataclass(frozen=True)
class Route:
    domain: str
    rule: RouteRule
    api: Api
    handler: Handler

    @property
    def path(self) -> str:
        """As the OpenAPI document writes it: `/v1/business/budgets/{item_id}`."""
        return f"/v1/{self.domain}" + re.sub(r"<(\w+)>", r"{\1}", self.rule.path)

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"<(\w+)>", self.rule.path)

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The path's parameters, or None when the request is not for this route."""
        pattern = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", self.rule.path)
        found = re.fullmatch(f"/v1/{self.domain}{pattern}", path) if method == self.rule.method else None
        return found.groupdict() if found else None


@cache
def routes() -> tuple[Route, ...]:
    found = []
    for file in sorted(ROOT.glob("functions/*/*.py")):
        domain = file.parent.name
        module = importlib.import_module(f"functions.{domain}.{file.stem}")
        for api in _apis(file, module):
            found += [Route(domain, rule, api, module.handler) for rule in api.rules]
    # Paths without parameters first: API Gateway prefers them, too.
    return tuple(sorted(found, key=lambda route: route.rule.path.count("<")))


def _apis(file: Path, module: ModuleType) -> list[Api]:
    """What a handler file serves; of those that do without the resolver the template tells."""
    found = [value for value in vars(module).values() if isinstance(value, Api)]
    served = {(method, path.replace("{", "<").replace("}", ">")) for method, path in routes_in_template(file)}
    bare = [api for api in bare_apis() if api.domain == file.parent.name]
    for api in bare:
        api.rules = [rule for rule in api.rules if (rule.method, rule.path) in served]
    return found or bare


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    """Path and query, as they stand in a request's first line."""
    headers: Headers
    body: bytes = b""
    address: str = field(default_factory=lambda: str(IPv4Address(next(_ADDRESSES))))
    """Each request comes from an address of its own: limits by address have tests of their own."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def send(request: Request) -> Answer:
    path, _, query = request.target.partition("?")
    path = unquote(path)
    for route in routes():
        parameters = route.match(request.method, path)
        if parameters is not None:
            return _answer(route.handler(_event(route, request, path, query, parameters), None))
    return Answer(NO_SUCH_ROUTE, [("Content-Type", "application/json")], b'{"message":"Missing Authentication Token"}')


def application(environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The same as WSGI."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    headers = [
        (key.removeprefix("HTTP_").replace("_", "-").title(), value)
        for key, value in environ.items()
        if key.startswith("HTTP_") or (key == "CONTENT_TYPE" and value)
    ]
    path = environ["REQUEST_URI"].partition("?")[0]  # as it was sent, not as WSGI decodes it
    target = f"{path}?{environ['QUERY_STRING']}"  # Werkzeug's client leaves the query out of the URI
    body = environ["wsgi.input"].read(length)
    answer = send(Request(environ["REQUEST_METHOD"], target, headers, body))
    start_response(f"{answer.status} {_phrase(answer.status)}", answer.headers)
    return [answer.body]


def _event(route: Route, request: Request, path: str, query: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    body, is_base64 = _text(request.body)
    many = _grouped(request.headers)
    asked = _grouped(parse_qsl(query, keep_blank_values=True))
    resource = re.sub(r"<(\w+)>", r"{\1}", route.rule.path)
    return {
        "resource": resource,
        "path": path.removeprefix(f"/v1/{route.domain}"),
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in many.items()},
        "multiValueHeaders": many,
        "queryStringParameters": {name: values[-1] for name, values in asked.items()} or None,
        "multiValueQueryStringParameters": asked or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": request.method,
            "path": path,
            "stage": "v1",
            "requestId": str(new_id()),
            "apiId": "test",
            "protocol": "HTTP/1.1",
            "identity": {"sourceIp": request.address, "userAgent": "tests"},
        },
        "body": body,
        "isBase64Encoded": is_base64,
    }


def _answer(response: Mapping[str, Any]) -> Answer:
    headers = [(name, str(value)) for name, value in (response.get("headers") or {}).items()]
    headers += [(name, str(v)) for name, values in (response.get("multiValueHeaders") or {}).items() for v in values]
    body = response.get("body") or ""
    content = base64.b64decode(body) if response.get("isBase64Encoded") else body.encode()
    return Answer(response["statusCode"], headers, content)


def _text(body: bytes) -> tuple[str | None, bool]:
    if not body:
        return None, False
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase
