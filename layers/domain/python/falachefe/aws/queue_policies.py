"""Retry policy of every queue with a worker. A test compares the templates with it."""

from dataclasses import dataclass
from typing import Final

MAX_BACKOFF_S: Final = 300
"""The longest back-off: after an outage every message is tried again within this."""
MAX_RECEIVES: Final = 1_000
"""`maxReceiveCount`, SQS's maximum: over three days of outage at the longest back-off. Faulty messages are quarantined
long before."""
RETENTION_S: Final = 14 * 86_400


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    backoff_s: tuple[int, ...]
    """Back-off in seconds after the first failure, the second, and so on; the last value repeats."""
    tries: int
    """A message that failed this often by its own fault is quarantined. Outages do not count."""
    min_remaining_s: int
    """With less time left than this, a worker starts no further message of its batch."""
    track_after: int = 3
    """Receive count above which the start of each attempt is recorded: the message may be crashing its worker."""

    def backoff_after(self, failures: int) -> int:
        return self.backoff_s[min(max(failures, 1), len(self.backoff_s)) - 1]


_TURN: Final = QueuePolicy(backoff_s=(1, 5, 20, 60, 300), tries=6, min_remaining_s=55)

QUEUES: Final = {
    # Six attempts take over six minutes: a bad deployment rolled back by then quarantines no message.
    "inbound": QueuePolicy(backoff_s=(1, 5, 20, 60, 300), tries=6, min_remaining_s=10),
    "outbound": QueuePolicy(backoff_s=(5, 15, 45, 135, 300), tries=6, min_remaining_s=15),
    # Failures of models and tools are handled by the task; only errors of the database or the queues are retried here.
    **{f"agent-{role}": _TURN for role in ("orchestrator", "financial", "marketing", "hr", "support")},
    "staff-notes": QueuePolicy(backoff_s=(1, 5, 20, 60, 300), tries=6, min_remaining_s=10),
    "emails": QueuePolicy(backoff_s=(10, 60, 300), tries=5, min_remaining_s=10),
    "exports": QueuePolicy(backoff_s=(30, 300), tries=3, min_remaining_s=250, track_after=1),
}
