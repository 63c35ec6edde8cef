"""API Gateway's own behaviour around the functions, as `make up` read it from the templates."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from infra.local.front_door.mapping import execute
from infra.local.front_door.web import Headers, Request, Response

_ERROR_TYPE: Final = "x-amzn-errortype"
_NAMES: Final[Mapping[str, str]] = {
    "AccessDeniedException": "ACCESS_DENIED",
    "ForbiddenException": "WAF_FILTERED",
    "IncompleteSignatureException": "INVALID_SIGNATURE",
    "MissingAuthenticationTokenException": "MISSING_AUTHENTICATION_TOKEN",
    "RequestTooLargeException": "REQUEST_TOO_LARGE",
    "TooManyRequestsException": "THROTTLED",
    "LimitExceededException": "QUOTA_EXCEEDED",
    "UnsupportedMediaTypeException": "UNSUPPORTED_MEDIA_TYPE",
}
LONGEST_REQUEST: Final = 10 * 1024 * 1024
"""The largest request body of API Gateway, in bytes."""
MAX_RESPONSE_BYTES: Final = 6 * 1024 * 1024
"""The largest response of Lambda, in bytes; for a longer one the caller gets a 502."""


@dataclass(frozen=True)
class Answer:
    """One of API Gateway's own responses."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Gateway:
    compress_from: int
    preflight_headers: Mapping[str, str]
    preflight_template: str
    answers: Mapping[str, Answer]

    def preflight(self, request: Request) -> Response:
        """The response to OPTIONS, which no function handles."""
        mapped = execute(self.preflight_template, dict(request.headers.items()))
        return Response(HTTPStatus.NO_CONTENT, headers=tuple({**self.preflight_headers, **mapped.headers}.items()))

    def alone(self, request: Request) -> Response | None:
        """The response to a request that no function handles: a preflight, or one that is too large."""
        if request.method == "OPTIONS":
            return self.preflight(request)
        if len(request.body) <= LONGEST_REQUEST:
            return None
        return self._own(Response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE), {_ERROR_TYPE: "RequestTooLargeException"})

    def finish(self, request: Request, answer: Response) -> Response:
        """Applies the templates' bodies to the gateway's own errors, and compresses long responses."""
        headers = {name.lower(): value for name, value in answer.headers}
        if len(answer.body) > MAX_RESPONSE_BYTES:
            answer = self._own(
                Response(HTTPStatus.BAD_GATEWAY), headers | {_ERROR_TYPE: "InternalServerErrorException"}
            )
        elif _ERROR_TYPE in headers:
            answer = self._own(answer, headers)
        return self._compressed(request, answer)

    def _own(self, answer: Response, headers: Mapping[str, str]) -> Response:
        default = "DEFAULT_5XX" if answer.status >= 500 else "DEFAULT_4XX"
        said = self.answers.get(_NAMES.get(headers[_ERROR_TYPE], default)) or self.answers[default]
        request_id = headers.get("x-amzn-requestid", "")
        given = {name: value.replace("$context.requestId", request_id) for name, value in said.headers.items()}
        given |= {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": headers[_ERROR_TYPE]}
        body = said.body.replace("$context.requestId", request_id).encode()
        return Response(said.status, body, tuple(given.items()))

    def _compressed(self, request: Request, answer: Response) -> Response:
        names = {name.lower() for name, _ in answer.headers}
        if len(answer.body) < self.compress_from or "content-encoding" in names or request.method == "HEAD":
            return answer
        if not accepts_gzip(request.headers.get("Accept-Encoding", "")):
            return answer
        kept: Headers = tuple(pair for pair in answer.headers if pair[0].lower() != "content-length")
        body = gzip.compress(answer.body, compresslevel=6, mtime=0)
        return Response(answer.status, body, (*kept, ("Content-Encoding", "gzip")))


def accepts_gzip(accept_encoding: str) -> bool:
    """As in RFC 9110: `gzip;q=0` refuses it, `*` stands for all codings that are not named."""
    wishes: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        name, _, quality = part.partition(";")
        try:
            wishes[name.strip()] = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            wishes[name.strip()] = 0
    return wishes.get("gzip", wishes.get("*", 0)) > 0


def gateway(facts: Mapping[str, Any]) -> Gateway:
    return Gateway(
        compress_from=facts["compress_from"],
        preflight_headers=facts["preflight"],
        preflight_template=facts["preflight_template"],
        answers={name: Answer(**answer) for name, answer in facts["answers"].items()},
    )
