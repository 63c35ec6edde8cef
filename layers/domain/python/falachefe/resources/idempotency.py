"""`Idempotency-Key`: a repeated request is carried out once and gets the same response.

A claim on the key is written to DynamoDB before the action, and the response after it. Both are for one caller and
route; the response is kept for a day.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from falachefe.aws.tables import ConditionFailed, Item, Table
from falachefe.http.api import Api
from falachefe.http.principal import Principal
from falachefe.kernel.errors import Conflict, DomainError, InvalidInput, Unavailable, is_undone
from falachefe.kernel.fingerprint import fingerprint
from falachefe.kernel.json import parse
from falachefe.kernel.observability.logs import logger

CLAIMS_TABLE: Final = "LIMITS_TABLE"
"""The table also has the claims on provider messages: small items that expire."""
MAX_KEY_LENGTH: Final = 255
RETENTION_S: Final = 24 * 3600
CLAIM_S: Final = 60
"""Longer than the timeout of any API function, so a claim this old belongs to a request that died."""
MAX_STORED_BYTES: Final = 300_000
"""Bytes of UTF-8; a DynamoDB item has at most 400 KB."""
_SK: Final = "answer"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str
    headers: dict[str, str]
    replayed: bool = False
    outline: str | None = None
    """What is stored of a response that is too large to store, enough to restore it."""
    outlined: bool = False
    """For a replayed response: `body` is the outline."""


@dataclass(frozen=True, slots=True)
class Request:
    who: Principal
    route: str
    key: str
    body: str

    @property
    def pk(self) -> str:
        hashed = hashlib.sha256(self.key.encode("utf-8", "surrogatepass")).hexdigest()
        return f"idempotency#{self.who.company_id}#{self.who.subject}#{self.route}#{hashed}"

    @property
    def fingerprint(self) -> str:
        """A hash of the parsed body, so that the order of members and white space do not matter."""
        return fingerprint(parse(self.body) if self.body else None)


def once(
    table: Callable[[], Table],
    request: Request | None,
    now: datetime,
    action: Callable[[], Answer],
    *,
    committed: Callable[[], bool] = lambda: False,
) -> Answer:
    """Runs `action` unless the request has a stored response; without a key, always.

    Raises `InvalidInput` for a key that was used with another body, `Conflict` while the first request is in progress.
    A refused request and a failure that certainly undid everything release the key, unless `committed` returns True
    because an earlier transaction of the action was committed. If the outcome is not known, the key stays claimed, so
    that a repetition is refused and not carried out again.
    """
    if request is None:
        return action()
    _check(request.key)
    store = table()
    known = _claim(store, request, int(now.timestamp()))
    if known is not None:
        return known
    try:
        answer = action()
    except Exception as error:
        refused = isinstance(error, DomainError) and error.status < 500
        if (is_undone(error) or refused) and not committed():
            _release_claim(store, request)
        raise
    try:
        _store(store, request, answer)
    except Exception as error:  # noqa: BLE001  # done already; the remaining claim prevents a repetition
        logger().warning("an answer was not kept", error=type(error).__name__)
    return answer


def once_for(api: Api, action: Callable[[], Answer]) -> Answer:
    """`once` for the current request, by its `Idempotency-Key`."""
    event, key = api.event, api.event.headers.get("Idempotency-Key")
    request = None
    if key is not None:
        request = Request(api.principal(), f"POST {event.path}", key, event.decoded_body or "")
    now = api.services.clock().now()
    return once(lambda: api.services.table(CLAIMS_TABLE), request, now, action, committed=lambda: api.committed)


def _check(key: str) -> None:
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise InvalidInput(f"Idempotency-Key tem de 1 a {MAX_KEY_LENGTH} caracteres.", code="idempotency_key_invalid")


def _claim(store: Table, request: Request, now: int) -> Answer | None:
    item = {"pk": request.pk, "sk": _SK, "fingerprint": request.fingerprint, "claimed_until": now + CLAIM_S}
    try:
        store.put(
            item | {"expires_at": now + RETENTION_S},
            condition="attribute_not_exists(pk) or expires_at <= :now",
            values={":now": now},
        )
    except ConditionFailed as failed:
        return _known(failed.item, request, now)
    except Exception as error:  # any failure: without the claim the action could run twice
        raise Unavailable("Não foi possível conferir a Idempotency-Key. Tente de novo em instantes.") from error
    return None


def _known(item: Item, request: Request, now: int) -> Answer:
    if item["fingerprint"] != request.fingerprint:
        raise InvalidInput("Esta Idempotency-Key veio antes com outro conteúdo.", code="idempotency_key_reused")
    if "answer" in item:
        kept: dict[str, Any] = json.loads(item["answer"])
        return Answer(
            kept["status"], kept["body"], kept["headers"], replayed=True, outlined=kept.get("outlined", False)
        )
    if item["claimed_until"] > now:
        raise Conflict(
            "A primeira requisição com esta chave ainda está em curso.", code="request_in_flight", retry_after=2
        )
    raise Conflict(
        "Não se sabe como terminou a primeira requisição com esta chave. Confira antes de repetir com outra.",
        code="outcome_unknown",
    )


def _release_claim(store: Table, request: Request) -> None:
    try:
        store.delete(request.pk, _SK)
    except Exception as error:  # noqa: BLE001  # the refusal is the answer; only a repetition will have to wait
        logger().warning("a claim was not given back", error=type(error).__name__)


def _store(store: Table, request: Request, answer: Answer) -> None:
    whole = {"status": answer.status, "body": answer.body, "headers": answer.headers}
    outline = whole | {"body": answer.outline, "outlined": True}
    for kept in (whole, outline) if answer.outline is not None else (whole,):
        document = json.dumps(kept, ensure_ascii=False)
        if len(document.encode("utf-8", "surrogatepass")) <= MAX_STORED_BYTES:
            store.update(request.pk, _SK, "set answer = :answer", {":answer": document})
            return
    # The claim stays, so that a repetition is refused and not carried out again.
