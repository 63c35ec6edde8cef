"""Admission of a message: the limit of its phone, the limit of its company, and the queue.

These are three calls to AWS of some milliseconds each. Usually one follows the other, because a refused message must
not be enqueued. While this process knows that at least half of both limits is left, they run concurrently, which cuts
the waiting to a third. If other processes have used up the rest meanwhile, the message is enqueued already and counts
as admitted: the limits stop floods and need not be exact.

While a company has that much left, its messages in this process are counted ten at a time, which saves writes to the
company's item, shared by all processes. At most nine messages a process are not counted yet; near the limit every
message is counted.
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
    """One phone sent too many messages; its owner can get a notice."""


class Admission:
    def __init__(self, limits: SlidingLimit, count: Count, *, executor: Callable[[], Executor] | None = None) -> None:
        self._limits = limits
        self._count = count
        self._make_executor = executor or partial(ThreadPoolExecutor, 3)
        self._executor: Executor | None = None
        self._remaining: TtlCache[str, int] = TtlCache(_KNOWN_FOR, _MOST_REMEMBERED)
        self._uncounted: TtlCache[str, tuple[datetime, int]] = TtlCache(timedelta(seconds=WINDOW_S), _MOST_REMEMBERED)
        """By company: since when, and how many admitted messages are not counted in the table yet."""

    def admit(self, company_id: str, phone: str, message_id: str, enqueue: Callable[[], None], now: datetime) -> None:
        """Enqueues the message if the limits of its phone and its company allow another one in this minute.

        A repeated delivery of a message does not count again for its phone. Raises `LimitExceeded`, or what
        `enqueue` raises.
        """
        company_key = f"in#{company_id}"
        phone_key = f"{company_key}#{phone}"
        company_has_room = self._has_room(company_key, COMPANY_MESSAGES_A_MINUTE, now)
        hits = {"phone": partial(self._hit, phone_key, MESSAGES_A_MINUTE, now, distinct=message_id)}
        # Messages admitted more than a window ago count no more.
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
        """None when counting failed: a message must not be lost because of that."""
        try:
            verdict = self._limits.hit(key, limit=limit, window_s=WINDOW_S, now=now, distinct=distinct, weight=weight)
        except Exception:  # noqa: BLE001  # any failure of DynamoDB or the network
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
