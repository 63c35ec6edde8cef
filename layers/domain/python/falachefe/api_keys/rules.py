"""Rules of API keys: scopes, networks, expiry and status. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from falachefe.access.permissions import PERMISSIONS, PLATFORM
from falachefe.access.role_rules import check_grants
from falachefe.kernel.errors import Conflict, Forbidden, invalid_field

MAX_KEYS: Final = 50
"""Valid keys of a company."""
MAX_OVERLAP: Final = timedelta(days=7)
ACCOUNT_PREFIX: Final = "account."
KEY_MANAGEMENT: Final = frozenset(f"api_keys.{action}" for action in ("create", "update", "delete", "restore"))
"""Not for keys: a leaked key must not create another one nor extend itself."""


class Status(StrEnum):
    ACTIVE = "active"
    REPLACED = "replaced"
    """Rotated: valid until its overlap ends."""
    SUSPENDED = "suspended"
    """Invalid while its creator is inactive."""
    EXPIRED = "expired"
    REVOKED = "revoked"


def status(*, revoked_at: datetime | None, expires_at: datetime | None, creator_active: bool, now: datetime) -> Status:
    if revoked_at is not None and revoked_at <= now:
        return Status.REVOKED
    if expires_at is not None and expires_at <= now:
        return Status.EXPIRED
    if not creator_active:
        return Status.SUSPENDED
    return Status.ACTIVE if revoked_at is None else Status.REPLACED


def allowed_scopes(names: Iterable[str], held: frozenset[str]) -> list[str]:
    """The scopes sorted, without duplicates. Raises `InvalidInput` for unknown ones (such as `*`) or ones not for keys,
    `Forbidden` for those that the creator does not hold."""
    wanted = set(names)
    if unknown := sorted(wanted - set(PERMISSIONS) - set(PLATFORM)):
        raise invalid_field("scopes", f"Permissões desconhecidas: {', '.join(unknown)[:200]}.", "permission_unknown")
    if own := sorted(one for one in wanted if one.startswith(ACCOUNT_PREFIX) or one in KEY_MANAGEMENT):
        raise invalid_field("scopes", f"Uma chave não pode ter: {', '.join(own)}.", "scope_not_for_keys")
    check_grants(held, wanted, field="scopes")
    return sorted(wanted)


def check_expiry(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise invalid_field("expires_at", "A validade precisa estar no futuro.", "expires_in_the_past")


def check_count(valid: int) -> None:
    if valid >= MAX_KEYS:
        raise Conflict(f"Uma empresa tem no máximo {MAX_KEYS} chaves ativas. Revogue uma antes.", code="too_many_keys")


def check_not_ended(state: Status) -> None:
    """Raises `Conflict` for a revoked, replaced or expired key, which can be neither changed nor rotated."""
    if state in (Status.REVOKED, Status.REPLACED, Status.EXPIRED):
        raise Conflict("Esta chave já foi revogada, trocada ou venceu.", code="api_key_ended")


def check_own_company(*, other: bool) -> None:
    """Raises `Forbidden` for a superadmin in another company: a key acts as a user of the company."""
    if other:
        raise Forbidden("Chaves são criadas por quem é da empresa.", code="members_only")


def rotated_expiry(made_at: datetime, expires_at: datetime | None, now: datetime) -> datetime | None:
    """The successor gets the lifetime that its predecessor was created with."""
    return None if expires_at is None else now + (expires_at - made_at)


def network(text: str) -> str:
    """A network in canonical form, IPv4-mapped IPv6 as IPv4, as callers' addresses are. Raises `ValueError`."""
    if "%" in text:
        raise ValueError("a network has no zone")
    found: IPv4Network | IPv6Network = ip_network(text.strip(), strict=False)
    if isinstance(found, IPv6Network) and found.prefixlen >= 96 and found.network_address.ipv4_mapped is not None:
        found = IPv4Network((found.network_address.ipv4_mapped, found.prefixlen - 96))
    return str(found)
