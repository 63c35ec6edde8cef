"""A POST to a provider, with its outcome in the port's terms."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from falachefe.kernel import http_client
from falachefe.messaging.providers.base import Refused, Unknown

CONNECT_TIMEOUT_S = 3
ANSWER_TIMEOUT_S = 8
_LONGEST_WAIT_S: Final = 900


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    document: Mapping[str, Any]
    """Empty when the response was no JSON object."""
    retry_after_s: int | None


def post_json(url: str, document: Mapping[str, Any], headers: Mapping[str, str]) -> Answered | Refused | Unknown:
    """`Refused` when nothing can have reached the provider, `Unknown` when something may have."""
    body = json.dumps(document, ensure_ascii=False).encode()
    limits = http_client.TimeLimits(CONNECT_TIMEOUT_S, ANSWER_TIMEOUT_S)
    try:
        answer = http_client.request("POST", url, body, {"Content-Type": "application/json", **headers}, limits)
    except http_client.NotSent:
        return Refused("unreachable", again=True)
    except http_client.AnswerTimedOut:
        return Unknown("no_answer_in_time")
    except http_client.OutcomeUnknown:
        return Unknown("connection_lost")
    answered = answer.json()
    return Answered(answer.status, answered if isinstance(answered, dict) else {}, _wait_of(answer.headers))


def _wait_of(headers: Mapping[str, str]) -> int | None:
    wait = headers.get("Retry-After", "")
    return min(int(wait), _LONGEST_WAIT_S) if wait.isascii() and wait.isdigit() else None
