"""Whether a feature is on for a company. Pure."""

import hashlib
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Flag:
    name: str
    enabled: bool
    """For all companies."""
    percentage: int
    """Of the companies that have it while it is not enabled for all."""


def is_on(flag: Flag | None, company_id: UUID, override: bool | None = None, *, default: bool = False) -> bool:
    """Whether a feature is on for a company: by its override, else if enabled for all, else by the percentage.

    `default` is for a flag that does not exist.
    """
    if flag is None:
        return default
    if override is not None:
        return override
    return flag.enabled or bucket(flag.name, company_id) < flag.percentage


def bucket(flag: str, company_id: UUID) -> int:
    """A company's bucket of 100 for one flag. It is stable, so that a higher percentage only adds companies.

    Buckets differ by flag, so that the same companies are not first for every feature.
    """
    digest = hashlib.sha256(f"{flag}\x1f{company_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % 100
