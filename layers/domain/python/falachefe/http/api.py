"""REST endpoints of a domain, on Powertools' resolver.

Every route declares the permission it needs, or in one line why it is public. Errors are problem details; those of an
unexpected failure reveal no internals, only the request id.
"""

import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares.openapi_validation import OpenAPIRequestValidationMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from pydantic_core import to_jsonable_python

from falachefe.aws.emf import emit
from falachefe.http.deprecation import Deprecation
from falachefe.http.headers import client_request_id, gateway_request_id, request_id, response_headers
from falachefe.http.principal import NO_CREDENTIAL, Caller, Principal
from falachefe.http.problems import CONTENT_TYPE, problem, problem_headers, problem_response
from falachefe.http.rate_limits.callers import Limit, check
from falachefe.http.response_size import refuse_too_large
from falachefe.http.services import Authenticator, Services
from falachefe.http.validation import field_errors
from falachefe.kernel.actors import Actor
from falachefe.kernel.errors import DomainError, InvalidInput, NotFound, PayloadTooLarge, Unauthenticated
from falachefe.kernel.json import JsonRefused, parse
from falachefe.kernel.observability.logs import logger
from falachefe.kernel.observability.tracing import trace_of_headers, traced

if TYPE_CHECKING:
    from falachefe.http.rate_limits.addresses import AddressGuard

MAX_BODY_BYTES = 256 * 1024
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
_NO_JSON = "O corpo da requisição não é um JSON válido."

type Event = dict[str, Any]
type Meter = Callable[["Api", Principal, "RouteRule"], None]
"""Counts a caller's request to a route; raises `LimitExceeded`."""


class MalformedJson(DomainError):
    status = 400
    default_code = "malformed_json"
    title = "JSON inválido"


class UnsupportedMediaType(DomainError):
    status = 415
    default_code = "unsupported_media_type"
    title = "Tipo de conteúdo não aceito"


class InternalError(DomainError):
    status = 500
    default_code = "internal_error"
    title = "Erro interno"


@dataclass(frozen=True, slots=True)
class RouteRule:
    """A route's declaration, for the guard, the OpenAPI document and the tests of all routes."""

    method: str
    path: str
    permission: str | None
    public: str | None
    refuses: Mapping[int, str]
    deprecation: Deprecation | None
    limit: Limit | None = None
    """A stricter limit than the caller's own."""


def _count(api: "Api", who: Principal, rule: RouteRule) -> None:
    now = api.services.clock().now()
    check(api.services.limits(), who, rule.method, rule.limit, now, announce=api.add_header, count=emit)


class _GuardedValidation(OpenAPIRequestValidationMiddleware):
    def __init__(self, guard: Callable[[Callable[..., Any]], None]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._guard = guard

    def handler(self, app: Any, next_middleware: Any) -> Response[Any]:
        self._guard(app.context["_route"].func)
        try:
            return super().handler(app, next_middleware)
        except (UnicodeDecodeError, binascii.Error) as error:  # of a body in base64
            raise MalformedJson(_NO_JSON) from error

    def _get_body(self, app: Any) -> Any:
        """Accepts JSON and merge patches (RFC 7396) only; Powertools would accept undocumented forms too."""
        media_type = app.current_event.headers.get("content-type", "").partition(";")[0].strip().lower()
        if app.current_event.body and media_type not in ("", JSON, MERGE_PATCH):
            raise UnsupportedMediaType("Envie o corpo como application/json.")
        return app.current_event.json_body


class Api:
    """The routes of one handler file. `handler()` is the Lambda entry."""

    def __init__(
        self,
        domain: str,
        services: Services,
        *,
        authenticate: Authenticator,
        meter: Meter = _count,
        addresses: "Callable[[], AddressGuard] | None" = None,
    ) -> None:
        """`addresses` provides the guard that counts failed credentials; without it they are not counted."""
        self.domain = domain
        self.services = services
        self.rules: list[RouteRule] = []
        self._authenticate = authenticate
        self._meter = meter
        self._addresses = addresses
        self._principal: Principal | None = None
        self._extra_headers: dict[str, str] = {}
        self._rules_of: dict[Callable[..., Any], RouteRule] = {}
        self._deprecation_headers: dict[Callable[..., Any], dict[str, str]] = {}
        self.committed = False
        """Whether the current request has committed a transaction, which a later failure does not undo."""
        self.request_id = ""
        """The current request's id: the client's, or else API Gateway's."""
        # With a custom domain the path includes its base path (`/v1/<domain>`); otherwise it starts at the resource.
        self._app = APIGatewayRestResolver(
            enable_validation=True,
            strip_prefixes=[f"/v1/{domain}"],
            json_body_deserializer=_parse_json,
            serializer=_write_json,
        )
        # Powertools validates before other middlewares run. A caller without permission must not get validation
        # errors, so the guard runs inside the validation middleware.
        self._app._request_validation_middleware = _GuardedValidation(self._guard)
        # Mypy checks return types statically, so pydantic need not validate every response.
        del self._app._response_validation_middleware
        self._app.exception_handler(DomainError)(self._refuse)
        self._app.exception_handler(RequestValidationError)(self._refuse_input)
        self._app.not_found()(self._no_route)

    def get(self, path: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        return self._route("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        return self._route("POST", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        return self._route("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        return self._route("DELETE", path, **options)

    def _route(
        self,
        method: str,
        path: str,
        *,
        permission: str | None = None,
        public: str | None = None,
        refuses: Mapping[int, str] | None = None,
        deprecation: Deprecation | None = None,
        limit: Limit | None = None,
        **options: Any,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """`refuses` documents the route's errors beyond those of all routes; `limit` is a stricter limit than the
        caller's; `options` are passed to Powertools."""
        if (permission is None) == (public is None):
            raise ValueError(f"{method} {path} must declare a permission, or why it is public")
        rule = RouteRule(method, path, permission, public, refuses or {}, deprecation, limit)
        self.rules.append(rule)

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self._rules_of[function] = rule
            if deprecation is not None:
                self._deprecation_headers[function] = deprecation.headers()
            return self._app.route(path, method=method, deprecated=deprecation is not None, **options)(function)

        return register

    def _guard(self, function: Callable[..., Any]) -> None:
        self._extra_headers |= self._deprecation_headers.get(function, {})
        rule = self._rules_of.get(function)  # Powertools' own 404 route has no rule
        if rule is not None and rule.permission is not None:
            who = self.principal()
            self._meter(self, who, rule)
            who.require(rule.permission)

    @property
    def event(self) -> Any:
        """The request as Powertools' event class."""
        return self._app.current_event

    def principal(self) -> Principal:
        """The authenticated caller. Raises `Unauthenticated`."""
        if self._principal is None:
            self._principal = self._authenticated(self.caller())
        return self._principal

    def _authenticated(self, caller: Caller) -> Principal:
        if self._addresses is None:
            return self._authenticate(caller)
        guard, now = self._addresses(), self.services.clock().now()
        guard.check(caller.address, now, self.add_header)
        try:
            return self._authenticate(caller)
        except Unauthenticated as refused:
            if refused.code != NO_CREDENTIAL:
                guard.failed(caller.address, now, self.add_header)
            raise

    def caller(self) -> Caller:
        """The request's headers and origin, before authentication."""
        event = self.event.raw_event
        address = ((event.get("requestContext") or {}).get("identity") or {}).get("sourceIp")
        return Caller.of(self.event.headers, address, gateway_request_id(event), client_request_id(event))

    def actor(self) -> Actor:
        """The actor for the audit log."""
        who, caller = self.principal(), self.caller()
        return Actor(
            kind="user" if who.key is None else "api_key",
            id=who.user_id if who.key is None else who.key.id,
            on_behalf_of=None if who.key is None else who.user_id,
            address=caller.address,
            user_agent=caller.user_agent,
            request_id=caller.request_id,
            client_request_id=caller.client_request_id,
        )

    def add_header(self, name: str, value: str) -> None:
        """Adds a header to this request's response, including an error response."""
        self._extra_headers[name] = value

    def handler(self) -> Callable[[Event, Any], dict[str, Any]]:
        def handle(event: Event, context: Any) -> dict[str, Any]:
            self._principal = None
            self.committed = False
            self._extra_headers = {}
            self.request_id = request_id(event)
            logger().append_keys(correlation_id=self.request_id, gateway_request_id=gateway_request_id(event))
            with traced(trace_of_headers(event.get("headers"))):
                answer = self._answer(event, context)
            given = answer.pop("headers", None) or {}
            headers = answer.setdefault("multiValueHeaders", {name: [value] for name, value in given.items()})
            for name, value in {**response_headers(event, self.request_id), **self._extra_headers}.items():
                headers.setdefault(name, [value])
            return answer

        return handle

    def _answer(self, event: Event, context: Any) -> dict[str, Any]:
        try:
            _check_size(event)
            answer: dict[str, Any] = self._app.resolve(event, context)
            refuse_too_large(answer.get("body") or "")
        except DomainError as error:
            return problem_response(error, instance=self._instance(event), request_id=self.request_id)
        except Exception as error:  # noqa: BLE001  # logged; the response reveals no internals
            logger().exception("an endpoint failed", error=type(error).__name__)
            failure = InternalError("Algo deu errado do nosso lado. Se continuar, informe o código da requisição.")
            return problem_response(failure, instance=self._instance(event), request_id=self.request_id)
        return answer

    def _instance(self, event: Event) -> str:
        """The path as clients know it. Without a custom domain, API Gateway's path lacks `/v1/<domain>`."""
        path, base = str(event.get("path") or ""), f"/v1/{self.domain}"
        return path if path == base or path.startswith(f"{base}/") else base + path

    def _refuse(self, error: DomainError) -> Response[Any]:
        document = problem(error, instance=self._instance(self.event.raw_event), request_id=self.request_id)
        return Response(
            status_code=error.status,
            content_type=CONTENT_TYPE,
            body=json.dumps(document, ensure_ascii=False),
            headers={k: v for k, v in problem_headers(error).items() if k != "Content-Type"},
        )

    def _refuse_input(self, error: RequestValidationError) -> Response[Any]:
        return self._refuse(InvalidInput("Há campos inválidos na requisição.", errors=field_errors(error.errors())))

    def _no_route(self, _: NotFoundError) -> Response[Any]:
        return self._refuse(NotFound("Este endereço não existe."))


def _parse_json(text: str) -> Any:
    try:
        return parse(text)
    except JsonRefused as refused:
        match refused.code:
            case "json_too_deep":
                raise MalformedJson("O JSON tem níveis demais.", code=refused.code) from None
            case "number_too_large":
                raise InvalidInput("Há um número grande demais no JSON.", code=refused.code) from None
        raise MalformedJson(_NO_JSON) from None


def _write_json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=to_jsonable_python)


def _check_size(event: Event) -> None:
    body = event.get("body") or ""
    # base64 takes four characters for three bytes
    size = len(body) * 3 // 4 if event.get("isBase64Encoded") else len(body.encode("utf-8", "surrogatepass"))
    if size > MAX_BODY_BYTES:
        raise PayloadTooLarge(f"O corpo da requisição passa de {MAX_BODY_BYTES // 1024} KiB.")
