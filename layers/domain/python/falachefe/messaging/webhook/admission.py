"""Letting a message in: its phone's limit, its company's limit, and its place on the queue.

The three are calls to AWS of some milliseconds each. One after the other is the rule: what is refused must not be on
the queue. While this process knows from its last look that there is plenty of room, they go out side by side, which
cuts the webhook's answer to a third of the waiting. Should other processes have used up the room meanwhile, the message
is on the queue already and counts as let in: the limits keep floods away, they are no meter.

While a company has plenty of room, its messages in this process are counted ten at a time: one write less for nine
messages of ten, and less of a company's one item that all processes write to. What is not counted yet is bounded by
that number for each process; near the limit every message is counted.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NoReturn

from falachefe.aws.rate_limit import SlidingLimit, Verdict
from falachefe.kernel.errors import LimitExceeded
from falachefe.kernel.ttl_cache import TtlCache

MESSAGES_A_MINUTE: Final = 10
COMPANY_MESSAGES_A_MINUTE: Final = 1_000
COUNTED_TOGETHER: Final = 10
WINDOW_S: Final = 60
_KNOWN_FOR: Final = timedelta(seconds=30)
_MOST_REMEMBERED: Final = 10_000

type Count = Callable[..., None]


class SenderLimitExceeded(LimitExceeded):
    """One phone wrote too much; its person can be told."""


class Admission:
    def __init__(self, limits: SlidingLimit, count: Count, *, executor: Callable[[], Executor] | None = None) -> None:
        self._limits = limits
        self._count = count
        self._make_executor = executor or partial(ThreadPoolExecutor, 3)
        self._executor: Executor | None = None
        self._remaining: TtlCache[str, int] = TtlCache(_KNOWN_FOR, _MOST_REMEMBERED)
        self._uncounted: TtlCache[str, tuple[datetime, int]] = TtlCache(timedelta(seconds=WINDOW_S), _MOST_REMEMBERED)
        """By company: since when, and how many messages were let in that the table does not know of."""

    def admit(self, company_id: str, phone: str, message_id: str, enqueue: Callable[[], None], now: datetime) -> None:
        """Enqueues the message if its phone and its company may send another one in this minute.

        A message that is delivered again does not count again for its phone. Raises `LimitExceeded`, or what
        `enqueue` raises.
        """
        company_key = f"in#{company_id}"
        phone_key = f"{company_key}#{phone}"
        company_has_room = self._has_room(company_key, COMPANY_MESSAGES_A_MINUTE, now)
        hits = {"phone": partial(self._hit, phone_key, MESSAGES_A_MINUTE, now, distinct=message_id)}
        # What was let in more than a window ago is no flood any more.
        since, earlier = self._uncounted.get(company_key, now) or (now, 0)
        uncounted = earlier + 1
        if company_has_room and uncounted < COUNTED_TOGETHER:
            self._uncounted.put(company_key, (since, uncounted), since)
        else:
            self._uncounted.discard(company_key)
            hits["company"] = partial(self._hit, company_key, COMPANY_MESSAGES_A_MINUTE, now, weight=uncounted)
        if company_has_room and self._has_room(phone_key, MESSAGES_A_MINUTE, now):
            self._concurrently(hits.values(), enqueue, now)
            return
        for scope, hit in hits.items():
            verdict = hit()
            if verdict is not None and not verdict.allowed:
                self._refuse(scope, verdict, now)
        enqueue()

    def _concurrently(
        self, hits: Iterable[Callable[[], Verdict | None]], enqueue: Callable[[], None], now: datetime
    ) -> None:
        if self._executor is None:
            self._executor = self._make_executor()
        limits = [self._executor.submit(hit) for hit in hits]
        try:
            enqueue()
        finally:
            verdicts = [limit.result() for limit in limits]
        if any(verdict is not None and not verdict.allowed for verdict in verdicts):
            self._count("limit_overrun_total", now)

    def _hit(
        self, key: str, limit: int, now: datetime, *, distinct: str | None = None, weight: int = 1
    ) -> Verdict | None:
        """None when the limit could not be counted: that must not lose a person's message."""
        try:
            verdict = self._limits.hit(key, limit=limit, window_s=WINDOW_S, now=now, distinct=distinct, weight=weight)
        except Exception:  # noqa: BLE001  # whatever DynamoDB or the network did
            self._count("limit_not_counted_total", now)
            return None
        self._remaining.put(key, verdict.remaining, now)
        return verdict

    def _has_room(self, key: str, limit: int, now: datetime) -> bool:
        remaining = self._remaining.get(key, now)
        return remaining is not None and remaining * 2 >= limit

    def _refuse(self, scope: str, verdict: Verdict, now: datetime) -> NoReturn:
        self._count("whatsapp_rate_limit_hits_total", now, scope=scope)
        refusal = SenderLimitExceeded if scope == "phone" else LimitExceeded
        raise refusal("Mensagens demais em um minuto. Tente de novo em instantes.", retry_after=verdict.retry_after_s)
