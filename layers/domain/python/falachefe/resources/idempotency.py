"""`Idempotency-Key`: the same request sent twice is done once and answered twice.

The key is claimed in DynamoDB before the deed and holds the answer after it, for a day, for this caller and route.
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
"""Claims on requests lie beside those on provider messages: small items that expire."""
LONGEST_KEY: Final = 255
KEPT_S: Final = 24 * 3600
CLAIM_S: Final = 60
"""Longer than any function runs: whoever claimed the key and is not done by then never will be."""
LARGEST_ANSWER: Final = 300_000
"""Bytes of UTF-8; an item holds 400 KB."""
_SK: Final = "answer"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str
    headers: dict[str, str]
    replayed: bool = False
    outline: str | None = None
    """What is kept of an answer that is too large to be kept, enough to put it together again."""
    outlined: bool = False
    """Of a replayed answer: `body` is the outline."""


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
        """Of what the body means: the order of members and white space are no other request."""
        return fingerprint(parse(self.body) if self.body else None)


def once(
    table: Callable[[], Table],
    request: Request | None,
    now: datetime,
    deed: Callable[[], Answer],
    *,
    committed: Callable[[], bool] = lambda: False,
) -> Answer:
    """Does `deed` unless the same request was answered already; without a key, simply does it.

    Raises `InvalidInput` for a key that came with another body and `Conflict` while the first request is under way.
    A refusal frees the key, as nothing was written, and so does a failure that is known to have undone everything;
    neither does when `committed` tells that an earlier transaction of the deed was kept.
    When it is not known how the deed ended, the key stays claimed and a repetition is refused rather than done twice.
    """
    if request is None:
        return deed()
    _check(request.key)
    store = table()
    known = _claim(store, request, int(now.timestamp()))
    if known is not None:
        return known
    try:
        answer = deed()
    except Exception as error:
        refused = isinstance(error, DomainError) and error.status < 500
        if (is_undone(error) or refused) and not committed():
            _free(store, request)
        raise
    try:
        _keep(store, request, answer)
    except Exception as error:  # noqa: BLE001  # the deed is done and told; the claim that stays keeps it from a second time
        logger().warning("an answer was not kept", error=type(error).__name__)
    return answer


def once_for(api: Api, deed: Callable[[], Answer]) -> Answer:
    """`once` for the request at hand, by its `Idempotency-Key`."""
    event, key = api.event, api.event.headers.get("Idempotency-Key")
    request = None
    if key is not None:
        request = Request(api.principal(), f"POST {event.path}", key, event.decoded_body or "")
    now = api.services.clock().now()
    return once(lambda: api.services.table(CLAIMS_TABLE), request, now, deed, committed=lambda: api.committed)


def _check(key: str) -> None:
    if not 1 <= len(key) <= LONGEST_KEY:
        raise InvalidInput(f"Idempotency-Key tem de 1 a {LONGEST_KEY} caracteres.", code="idempotency_key_invalid")


def _claim(store: Table, request: Request, now: int) -> Answer | None:
    item = {"pk": request.pk, "sk": _SK, "fingerprint": request.fingerprint, "claimed_until": now + CLAIM_S}
    try:
        store.put(
            item | {"expires_at": now + KEPT_S},
            condition="attribute_not_exists(pk) or expires_at <= :now",
            values={":now": now},
        )
    except ConditionFailed as failed:
        return _known(failed.item, request, now)
    except Exception as error:  # whatever AWS or the network did: without the claim the deed could happen twice
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


def _free(store: Table, request: Request) -> None:
    try:
        store.delete(request.pk, _SK)
    except Exception as error:  # noqa: BLE001  # the refusal is the answer; only a repetition will have to wait
        logger().warning("a claim was not given back", error=type(error).__name__)


def _keep(store: Table, request: Request, answer: Answer) -> None:
    whole = {"status": answer.status, "body": answer.body, "headers": answer.headers}
    outline = whole | {"body": answer.outline, "outlined": True}
    for kept in (whole, outline) if answer.outline is not None else (whole,):
        document = json.dumps(kept, ensure_ascii=False)
        if len(document.encode("utf-8", "surrogatepass")) <= LARGEST_ANSWER:
            store.update(request.pk, _SK, "set answer = :answer", {":answer": document})
            return
    # The claim stays: a repetition is refused, not done twice.
