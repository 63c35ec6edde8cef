"""Whether a company has a feature. Pure: facts in, a decision out."""

import hashlib
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Flag:
    name: str
    enabled: bool
    """For everybody."""
    percentage: int
    """Of companies that have it although it is not enabled for everybody."""


def is_on(flag: Flag | None, company_id: UUID, override: bool | None = None, *, default: bool = False) -> bool:
    """Whether a company has a feature: what was decided for it alone, else what holds for everybody, else its luck.

    `default` is the answer for a flag that nobody has made.
    """
    if flag is None:
        return default
    if override is not None:
        return override
    return flag.enabled or bucket(flag.name, company_id) < flag.percentage


def bucket(flag: str, company_id: UUID) -> int:
    """A company's place among 100 for one flag: always the same, so that a higher percentage only adds companies.

    Each flag has an order of its own, or the same few companies would try out everything.
    """
    digest = hashlib.sha256(f"{flag}\x1f{company_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % 100
