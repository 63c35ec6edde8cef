"""What a key may be for, from where and how long, and what has become of it. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from falachefe.access.permissions import PERMISSIONS, PLATFORM
from falachefe.access.role_rules import check_hands_out
from falachefe.kernel.errors import Conflict, Forbidden, invalid_field

MOST_KEYS: Final = 50
"""Of a company, that live. A program needs one; who has fifty does not know any more what they are for."""
LONGEST_OVERLAP: Final = timedelta(days=7)
PERSONAL: Final = "account."
KEYS_OWN: Final = frozenset(f"api_keys.{action}" for action in ("create", "update", "delete", "restore"))
"""A key that leaked must not be able to leave another one behind, nor to widen itself."""


class Status(StrEnum):
    ACTIVE = "active"
    REPLACED = "replaced"
    """Rotated: it lives until its overlap ends."""
    SUSPENDED = "suspended"
    """Whoever made it is not active any more: it acts for nobody."""
    EXPIRED = "expired"
    REVOKED = "revoked"


def status(*, revoked_at: datetime | None, expires_at: datetime | None, maker_active: bool, now: datetime) -> Status:
    if revoked_at is not None and revoked_at <= now:
        return Status.REVOKED
    if expires_at is not None and expires_at <= now:
        return Status.EXPIRED
    if not maker_active:
        return Status.SUSPENDED
    return Status.ACTIVE if revoked_at is None else Status.REPLACED


def allowed_scopes(names: Iterable[str], held: frozenset[str]) -> list[str]:
    """The scopes in order, each once. Raises `InvalidInput` for what is no scope (`*` among others), and `Forbidden`
    for what the maker does not hold."""
    wanted = set(names)
    if unknown := sorted(wanted - set(PERMISSIONS) - set(PLATFORM)):
        raise invalid_field("scopes", f"Permissões desconhecidas: {', '.join(unknown)[:200]}.", "permission_unknown")
    if own := sorted(one for one in wanted if one.startswith(PERSONAL) or one in KEYS_OWN):
        raise invalid_field("scopes", f"Uma chave não pode ter: {', '.join(own)}.", "scope_not_for_keys")
    check_hands_out(held, wanted, field="scopes")
    return sorted(wanted)


def check_expiry(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise invalid_field("expires_at", "A validade precisa estar no futuro.", "expires_in_the_past")


def check_count(living: int) -> None:
    if living >= MOST_KEYS:
        raise Conflict(f"Uma empresa tem no máximo {MOST_KEYS} chaves ativas. Revogue uma antes.", code="too_many_keys")


def check_living(state: Status) -> None:
    """Raises `Conflict` for a key whose end is decided: it is neither changed nor rotated any more."""
    if state in (Status.REVOKED, Status.REPLACED, Status.EXPIRED):
        raise Conflict("Esta chave já foi revogada, trocada ou venceu.", code="api_key_ended")


def check_member(*, visiting: bool) -> None:
    """A key acts for whoever made it, in their own company."""
    if visiting:
        raise Forbidden("Chaves são criadas por quem é da empresa.", code="members_only")


def rotated_expiry(made_at: datetime, expires_at: datetime | None, now: datetime) -> datetime | None:
    """A successor lives as long as its predecessor was meant to."""
    return None if expires_at is None else now + (expires_at - made_at)


def network(text: str) -> str:
    """A network in its plain form. Raises `ValueError`.

    IPv4 inside IPv6 is IPv4: callers' addresses are read in the same way.
    """
    if "%" in text:
        raise ValueError("a network has no zone")
    found: IPv4Network | IPv6Network = ip_network(text.strip(), strict=False)
    if isinstance(found, IPv6Network) and found.prefixlen >= 96 and found.network_address.ipv4_mapped is not None:
        found = IPv4Network((found.network_address.ipv4_mapped, found.prefixlen - 96))
    return str(found)
