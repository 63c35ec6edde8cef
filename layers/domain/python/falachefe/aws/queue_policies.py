"""Every queue that has a worker, and how its worker deals with failures. The templates follow; a test compares them."""

from dataclasses import dataclass
from typing import Final

LONGEST_WAIT_S: Final = 300
"""After an outage nobody waits for longer than this until their message is tried again."""
MAX_RECEIVES: Final = 1_000
"""`maxReceiveCount`, the most that SQS knows: three days of outage at the longest wait. Not for bad messages."""
RETENTION_S: Final = 14 * 86_400


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    waits_s: tuple[int, ...]
    """Seconds before the next delivery after the first failure, the second, and so on; the last one from then on."""
    tries: int
    """A message that failed so often by its own fault is put aside. Outages do not count."""
    needs_s: int
    """With less time left than this a worker begins no further message."""
    watched_after: int = 3
    """Deliveries after which the beginning of a try is written down too: a message may be what kills its worker."""

    def wait_after(self, failures: int) -> int:
        return self.waits_s[min(max(failures, 1), len(self.waits_s)) - 1]


_TURN: Final = QueuePolicy(waits_s=(1, 5, 20, 60, 300), tries=6, needs_s=55)

QUEUES: Final = {
    # Six tries take over six minutes: a bad deploy that is rolled back by then puts nobody's message aside.
    "inbound": QueuePolicy(waits_s=(1, 5, 20, 60, 300), tries=6, needs_s=10),
    "outbound": QueuePolicy(waits_s=(5, 15, 45, 135, 300), tries=6, needs_s=15),
    # What a model or a tool did is the task's business; here only what our own stores refuse comes back.
    **{f"agent-{role}": _TURN for role in ("orchestrator", "financial", "marketing", "hr", "support")},
    "staff-notes": QueuePolicy(waits_s=(1, 5, 20, 60, 300), tries=6, needs_s=10),
    "emails": QueuePolicy(waits_s=(10, 60, 300), tries=5, needs_s=10),
    "exports": QueuePolicy(waits_s=(30, 300), tries=3, needs_s=250, watched_after=1),
}
