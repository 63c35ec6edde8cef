"""One OpenAPI 3.1 document for the routes of many handler files, generated at build time, not in requests."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from falachefe.http.api import Api, RouteRule
from falachefe.http.openapi.examples import example_of
from falachefe.http.problems import TYPE_PREFIX

type Json = dict[str, Any]

METHODS: Final = ("get", "post", "patch", "delete", "put")
_POWERTOOLS_REFUSALS: Final = ("HTTPValidationError", "ResponseValidationError", "ValidationError")
"""Powertools' schemas of validation errors, which problem details replace."""
_TEXT: Final = {"type": "string"}
_PROBLEM_TYPE: Final = "application/problem+json"
_ABOUT: Final = """The REST API of Falachefe, a WhatsApp-first back office for small companies.

Sign in at `/v1/auth/login` and send the access token as `Authorization: Bearer …`, or an API key as
`X-Api-Key`. Errors are problem details (RFC 9457) with a stable `code`. Requests are limited per caller: `RateLimit`
shows how many are left. Every response has an `X-Request-Id`: yours, if it has at most 128 characters, all of them
letters, digits or `._:-`, otherwise a new one. Amounts are decimal strings in BRL."""
_DOMAINS: Final[Mapping[str, str]] = {
    "admin": "Companies, their users, roles, API keys, plans and settings, audit logs and metrics",
    "auth": "Accounts, sign-in and sessions",
    "business": "Transactions, budgets, suppliers, campaigns, employees, time off and tickets",
    "crews": "Crews, their agents, tasks and memories",
    "platform": "Posts, exports, features, health checks and this document",
    "whatsapp": "Channels, contacts, conversations and the provider's webhook",
}
PROBLEM: Final[Json] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details; `code` is stable, `detail` is a text for users.",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {**_TEXT, "examples": ["Dados inválidos"]},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {**_TEXT, "examples": ["Há campos inválidos na requisição."]},
        "instance": {**_TEXT, "examples": ["/v1/business/transactions"]},
        "code": {**_TEXT, "examples": ["invalid_input"]},
        "request_id": {**_TEXT, "examples": ["pedido-42"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {**_TEXT, "examples": ["amount"]}, "message": _TEXT},
            },
        },
    },
}
HEADERS: Final[Json] = {
    "Deprecation": {"description": "Date from which the route is deprecated (RFC 9745)", "schema": _TEXT},
    "ETag": {"description": "The version of the row, for If-Match", "schema": _TEXT},
    "Idempotency-Replayed": {
        "description": "`true`: the stored response to an earlier request with the same key",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Location": {"description": "URL of the new resource", "schema": {"type": "string", "format": "uri-reference"}},
    "RateLimit": {"description": 'Requests left in the window, as in `"login";r=4`', "schema": _TEXT},
    "RateLimit-Policy": {
        "description": 'The limit and its window in seconds, as in `"login";q=5;w=900`',
        "schema": _TEXT,
    },
    "Retry-After": {"description": "Seconds to wait before trying again", "schema": {"type": "integer"}},
    "Sunset": {"description": "Date from which the route is no longer available (RFC 8594)", "schema": _TEXT},
    "X-Request-Id": {"description": "Identifies the request in logs and in the audit log", "schema": _TEXT},
}
_OWN_ACCOUNT: Final = "account.manage"
"""Not for API keys, which have no account."""
_LIMITED: Final = ("RateLimit", "RateLimit-Policy", "Retry-After")


_REFUSALS: Final[Mapping[str, tuple[str, str, str]]] = {
    "400": ("malformed_json", "JSON inválido", "O corpo da requisição não é um JSON válido."),
    "401": ("token_missing", "Não autenticado", "Entre para continuar."),
    "402": ("plan_limit_reached", "Limite do plano atingido", "O plano não tem mais mensagens neste mês."),
    "403": ("permission_denied", "Sem permissão", "Você não tem permissão para isto."),
    "404": ("not_found", "Não encontrado", "Este registro não existe."),
    "409": ("conflict", "Conflito", "Já existe um registro assim."),
    "412": ("version_stale", "Versão desatualizada", "Alguém mudou este registro depois que você o leu."),
    "413": ("payload_too_large", "Conteúdo grande demais", "O corpo da requisição passa de 256 KiB."),
    "415": ("unsupported_media_type", "Tipo de conteúdo não aceito", "Envie o corpo como application/json."),
    "422": ("invalid_input", "Dados inválidos", "Há campos inválidos na requisição."),
    "428": ("if_match_required", "Falta a versão", "Envie o cabeçalho If-Match com o ETag que você leu."),
    "429": ("rate_limited", "Muitas requisições", "Muitas tentativas. Aguarde um pouco e tente de novo."),
    "500": ("internal_error", "Erro interno", "Algo deu errado do nosso lado."),
    "502": ("provider_failed", "Falha de outro serviço", "O outro serviço não respondeu como se espera."),
    "503": ("unavailable", "Serviço indisponível", "Não foi possível responder agora. Tente de novo."),
}


def _problem_examples() -> Json:
    return {f"Problem{status}": {"value": _problem_example(status, *words)} for status, words in _REFUSALS.items()}


def _problem_example(status: str, code: str, title: str, detail: str) -> Json:
    said: Json = {"type": TYPE_PREFIX + code.replace("_", "-"), "title": title, "status": int(status), "detail": detail}
    said |= {"instance": "/v1/business/transactions", "code": code, "request_id": "pedido-42"}
    return said | ({"errors": [{"field": "amount", "message": "Campo obrigatório."}]} if status == "422" else {})


def problem_answer(description: str) -> Json:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {_PROBLEM_TYPE: {"schema": schema}}}


def header_refs(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def document_of(parts: Iterable[tuple[Api, Json]]) -> Json:
    """The document of all handlers, merged from each `Api` and its `part_of`."""
    paths: dict[str, Json] = {}
    schemas: dict[str, Json] = {"Problem": PROBLEM}
    alike: dict[str, str] = {}
    for api, part in parts:
        for path, item in part["paths"].items():
            paths.setdefault(f"/v1/{api.domain}{path}", {}).update(item)
        for name, schema in part.get("components", {}).get("schemas", {}).items():
            alone = _without_null_defaults(schema)
            if schemas.setdefault(name, alone) != alone:
                raise ValueError(f"two handlers mean different things by the schema {name}")
        alike |= part.get("x-looks-like", {})
    for shown, written in alike.items():
        _copy_examples(schemas.get(written, {}), schemas[shown])
    for path, item in paths.items():
        for method, operation in _operations(item):
            _finish(path, method, operation, schemas)
    tags = sorted({path.split("/")[2] for path in paths})
    return {
        "openapi": "3.1.0",
        "info": {"title": "Falachefe", "version": "v1", "description": _ABOUT},
        "servers": [{"url": "/", "description": "The server that this document was read from"}],
        "tags": [{"name": tag, "description": _DOMAINS.get(tag, tag)} for tag in tags],
        "paths": dict(sorted(paths.items())),
        "components": {
            "examples": _problem_examples(),
            "headers": HEADERS,
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
            },
        },
    }


def _without_null_defaults(schema: Any) -> Any:
    """Removes null defaults, as Powertools does, so that a schema generated by pydantic is equal to it."""
    match schema:
        case dict():
            kept = {key: value for key, value in schema.items() if key != "default" or value is not None}
            return {key: _without_null_defaults(value) for key, value in kept.items()}
        case list():
            return [_without_null_defaults(one) for one in schema]
    return schema


def _copy_examples(lender: Json, borrower: Json) -> None:
    """Copies examples from the schema for writing to the one for reading."""
    for name, shown in borrower.get("properties", {}).items():
        examples = lender.get("properties", {}).get(name, {}).get("examples")
        if examples and "$ref" not in shown:
            shown.setdefault("examples", examples)


def part_of(api: Api) -> Json:
    """What powertools knows of one handler's routes, with our guard and our refusals in place of its own."""
    made = api._app.get_openapi_schema(title="Falachefe", version="v1", openapi_version="3.1.0")
    part: Json = made.model_dump(by_alias=True, exclude_none=True, mode="json")
    rules = {(rule.method.lower(), rule.path.replace("<", "{").replace(">", "}")): rule for rule in api.rules}
    for path, item in part["paths"].items():
        for method, operation in _operations(item):
            _guarded(operation, api.domain, rules[method, path])
    schemas = part.get("components", {}).get("schemas", {})
    for name in _POWERTOOLS_REFUSALS:
        schemas.pop(name, None)
    return part


def _operations(item: Json) -> Iterator[tuple[str, Json]]:
    return ((method, item[method]) for method in METHODS if method in item)


def _guarded(operation: Json, domain: str, rule: RouteRule) -> None:
    operation["tags"] = [domain]
    answers: Mapping[str, str] = {"422": "The request is invalid", "500": "Internal error"}
    if rule.permission is None:
        operation["security"] = []
        said = f"Public: {rule.public}."
    else:
        operation["security"] = [{"bearer": []}] if rule.permission == _OWN_ACCOUNT else [{"bearer": []}, {"key": []}]
        operation["x-permission"] = rule.permission
        answers = {
            "401": "The credentials are missing, invalid or expired",
            "403": f"Needs {rule.permission}",
            "429": "Too many requests",
            **answers,
        }
        said = f"Needs the permission `{rule.permission}`."
        if rule.limit is not None:
            said += f" At most {rule.limit.quantity} requests in {rule.limit.window_s} seconds."
    operation["description"] = "\n\n".join(filter(None, (operation.get("description"), said)))
    if "requestBody" in operation:
        answers = {
            "400": "The body is not valid JSON",
            "413": "The body is too large",
            "415": "The content type is not JSON",
            **answers,
        }
    answers = {**answers, **{str(status): text for status, text in rule.refuses.items()}}
    if rule.deprecation is None:
        operation.pop("deprecated", None)
    else:
        operation["description"] += f"\n\nDeprecated; stops answering on {rule.deprecation.sunset:%Y-%m-%d}."
    operation.setdefault("responses", {}).update({status: problem_answer(text) for status, text in answers.items()})
    operation["responses"]["503"] = problem_answer("A service that the API depends on is unavailable; try again later")


def _finish(path: str, method: str, operation: Json, schemas: Json) -> None:
    """What is alike in all operations: a name, headers, examples."""
    words = re.sub(r"\{(\w+)\}", r"by_\1", path.removeprefix("/v1/"))
    if not operation.get("x-named"):
        operation["operationId"] = "_".join([method, *re.findall(r"[a-z0-9]+", words)])
    operation.pop("x-named", None)
    if operation.get("summary", "").startswith(f"{method.upper()} /"):
        operation["summary"] = f"{method.upper()} {path}"
    for status, answer in operation["responses"].items():
        _describe_answer(status, answer, deprecated=operation.get("deprecated", False))
        if "x-permission" in operation and status != "401":  # who is counted is known
            answer["headers"] |= header_refs("RateLimit", "RateLimit-Policy")
    operation["responses"] = dict(sorted(operation["responses"].items()))
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    for kind, media in (pair for body in bodies for pair in body.get("content", {}).items()):
        if kind.endswith("json") and kind != _PROBLEM_TYPE and "example" not in media:
            media["example"] = example_of(media["schema"], schemas)


def _describe_answer(status: str, answer: Json, *, deprecated: bool) -> None:
    if status in ("204", "302", "303", "304"):
        answer.pop("content", None)
    problem = answer.get("content", {}).get(_PROBLEM_TYPE)
    if problem is not None and status in _REFUSALS:
        problem["examples"] = {"refusal": {"$ref": f"#/components/examples/Problem{status}"}}
    if answer["description"] == "Successful Response":
        answer["description"] = "Done"
    names = {"X-Request-Id"}
    names |= set(_LIMITED) if status == "429" else {"Retry-After"} if status == "503" else set()
    names |= {"Deprecation", "Sunset"} if deprecated else set()
    answer["headers"] = header_refs(*sorted(names)) | answer.get("headers", {})
