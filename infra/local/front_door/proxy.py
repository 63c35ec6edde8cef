"""Forwards `/v1/<domain>/<rest>` to the domain's deployed API, changed only as API Gateway would."""

from email.message import Message
from http import HTTPStatus

from infra.local.front_door.outgoing import call
from infra.local.front_door.stack import Stack
from infra.local.front_door.web import Headers, Request, Response, problem

# API Gateway gives an integration 29 seconds; the emulator's first calls may be slower than an account's.
_TIMEOUT_SECONDS = 60.0
_HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
    "te", "trailer", "transfer-encoding", "upgrade",
}  # fmt: skip
_REWRITTEN = {"host", "content-length", "expect"}


def forward(request: Request, stack: Stack) -> Response:
    """Hands a request to its domain's API; the caller has checked that the path begins with `/v1/`."""
    domain, slash, rest = request.target.removeprefix("/v1/").partition("/")
    domain, question, query = domain.partition("?")
    base = stack.apis.get(domain)
    if base is None and stack.apis:
        return problem(HTTPStatus.NOT_FOUND, "unknown_domain", "Não existe API com esse nome nesta pilha.")
    if base is None:
        return problem(HTTPStatus.BAD_GATEWAY, "stack_not_running", "A pilha local não está no ar; rode `make up`.")
    gateway = stack.gateways.get(domain)
    if gateway is not None and (answered := gateway.alone(request)):
        return answered
    url = f"{base.rstrip('/')}{slash}{rest}{question}{query}"
    try:
        answer = call(request.method, url, _forwarded(request.headers), request.body, _TIMEOUT_SECONDS)
    except TimeoutError:
        return problem(HTTPStatus.GATEWAY_TIMEOUT, "emulator_timed_out", "O emulador não respondeu a tempo.")
    except OSError:
        return problem(HTTPStatus.BAD_GATEWAY, "emulator_unreachable", "O emulador não está respondendo.")
    returned = Response(answer.status, answer.body, _returned(answer.headers, request.method))
    return returned if gateway is None else gateway.finish(request, returned)


def _forwarded(headers: Message) -> Headers:
    dropped = _HOP_BY_HOP | _REWRITTEN | _named_in_connection(headers.get_all("Connection", []))
    kept = [(name, value) for name, value in headers.items() if name.lower() not in dropped]
    if host := headers.get("Host"):
        kept.append(("X-Forwarded-Host", host))
    return tuple(kept)


def _returned(headers: Headers, method: str) -> Headers:
    # Only an answer to HEAD announces a length that its body does not have.
    dropped = _HOP_BY_HOP if method == "HEAD" else _HOP_BY_HOP | {"content-length"}
    return tuple((name, value) for name, value in headers if name.lower() not in dropped)


def _named_in_connection(values: list[str]) -> set[str]:
    return {name.strip().lower() for value in values for name in value.split(",")}
