"""UUIDv7 identifiers: keys sort by creation time and indexes grow at one end."""

import os
import threading
import time
from datetime import datetime
from uuid import UUID

_lock = threading.Lock()
_last_tick = 0
_PATIENCE = 1000 << 12  # a second, in ticks


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562, method 3): 60 bits of time, in 1/4096 ms, and 62 random bits.

    Of one process, a later id is always the greater one: messages of one transaction keep their order in the outbox.
    Python 3.13's `uuid` has no version 7 yet.
    """
    tick = _next_tick()
    value = (tick >> 12) << 80
    value |= 0x7 << 76
    value |= (tick & 0xFFF) << 64
    value |= 0b10 << 62
    value |= int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=value)


def first_id_at(moment: datetime) -> UUID:
    """The smallest id that can be made at `moment` (aware): it turns a range of time into a range of ids."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def _next_tick() -> int:
    global _last_tick  # noqa: PLW0603  # the clock's granularity is coarser than our calls
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    tick = (milliseconds << 12) | (rest * 4096 // 1_000_000)
    with _lock:
        # A clock set back by more than a second is followed: ids must not stay in the future.
        ahead = _last_tick - tick
        _last_tick = _last_tick + 1 if 0 <= ahead < _PATIENCE else tick
        return _last_tick
