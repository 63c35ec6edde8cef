"""API keys: `fck_<stage>_`, 32 random characters and a checksum of 6. Shown once, stored as a hash.

A key acts as the user who created it, with those of its scopes that this user currently holds.
"""

import hashlib
import re
import secrets
import string
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final, cast

from sqlalchemy import String, Table, and_, bindparam, column, func, or_, select, update
from sqlalchemy import cast as as_type

from falachefe.access.permission_cache import company_suspended
from falachefe.access.staff import COMPANY_STATUS, GRANTED, combined_permissions
from falachefe.accounts.models import User
from falachefe.api_keys.models import ApiKey
from falachefe.db.engine import Database
from falachefe.db.statements import prepared
from falachefe.http.principal import KeyFacts, Principal, allows
from falachefe.kernel.errors import Unauthenticated
from falachefe.kernel.ttl_cache import TtlCache

PREFIX: Final = "fck_"
ROLE: Final = "key"
"""In place of a base role: a key has scopes only."""
_ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET_LENGTH: Final = 32
_CHECKSUM_LENGTH: Final = 6
_FORMAT: Final = re.compile(r"fck_(?P<stage>[a-z][a-z0-9-]{1,15})_(?P<secret>[0-9A-Za-z]{32})(?P<check>[0-9A-Za-z]{6})")
_LAST_USE_INTERVAL: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class NewKey:
    """The text of a new key, shown once, and what is stored of it."""

    text: str
    prefix: str
    last_four: str
    key_hash: str

    def __repr__(self) -> str:
        return f"NewKey({self.prefix}…{self.last_four})"


def generate(stage: str) -> NewKey:
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_LENGTH))
    body = f"{PREFIX}{stage}_{secret}"
    text = body + checksum(body)
    return NewKey(text, f"{PREFIX}{stage}_{secret[:4]}", text[-4:], digest(text))


def checksum(body: str) -> str:
    """CRC-32 in base 62: detects typos, and strings that only look like a key, without a query."""
    number, digits = zlib.crc32(body.encode("ascii")), ""
    for _ in range(_CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


def is_well_formed(text: str, stage: str) -> bool:
    """Whether a string has the format and checksum of a key of this stage."""
    found = _FORMAT.fullmatch(text)
    return found is not None and found["stage"] == stage and checksum(text[:-_CHECKSUM_LENGTH]) == found["check"]


def digest(text: str) -> str:
    """The stored hash. It needs no salt or key stretching: the secret has 190 random bits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_allowed_from(cidrs: Sequence[str], address: str | None) -> bool:
    """Whether an address is in one of the networks; without networks, any is."""
    if not cidrs:
        return True
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(parsed in ip_network(cidr) for cidr in cidrs)


@dataclass(frozen=True, slots=True)
class _CachedKey:
    principal: Principal
    cidrs: tuple[str, ...]
    ends_at: datetime | None
    company_active: bool


class ApiKeys:
    """Authenticates API keys. Reads are cached for half a minute, for which a revoked key may still work."""

    def __init__(self, database: Database, stage: str) -> None:
        self._database = database
        self._stage = stage
        self._known: TtlCache[str, _CachedKey] = TtlCache()

    def principal_of(self, text: str, address: str | None, now: datetime) -> Principal:
        """The key's principal. Raises `Unauthenticated`, in the same way for every invalid key."""
        if not is_well_formed(text, self._stage):
            raise _refused()
        key_hash = digest(text)
        known = self._known.get(key_hash, now)
        if known is None:
            known = self._known.put(key_hash, self._read(key_hash, now), now)
        if known.ends_at is not None and known.ends_at <= now:
            raise _refused()
        if not is_allowed_from(known.cidrs, address):
            raise _refused()
        if not known.company_active:
            raise company_suspended()
        return known.principal

    def _read(self, key_hash: str, now: datetime) -> _CachedKey:
        owner = _owners(hash=key_hash)
        self._database.run_in_one_trip(None, owner)
        if not owner.result:
            raise _refused()
        [(company_id, key_id)] = owner.result
        used = _used(company_id=company_id, id=key_id, at=now, before=now - _LAST_USE_INTERVAL)
        found = _by_id(company_id=company_id, id=key_id)
        self._database.run_in_one_trip(company_id, used, found)
        if not found.result:
            raise _refused()
        [row] = found.result
        if not _is_live(row, now):
            raise _refused()
        creator_permissions = combined_permissions(row.role, row.granted)
        scopes = frozenset(scope for scope in row.scopes if allows(creator_permissions, scope))
        ends = [at for at in (row.expires_at, row.revoked_at) if at is not None]
        facts = KeyFacts(row.id, row.limit_per_minute)
        principal = Principal(row.created_by, company_id, ROLE, scopes, "", facts)
        return _CachedKey(principal, tuple(row.cidrs), min(ends, default=None), row.company_status == "active")


def _is_live(row: Any, now: datetime) -> bool:
    ends = [at for at in (row.expires_at, row.revoked_at) if at is not None]
    creator_active = row.status == "active" and row.user_deleted_at is None
    return creator_active and row.deleted_at is None and all(at > now for at in ends)


def _refused() -> Unauthenticated:
    return Unauthenticated("Chave de API inválida.", code="api_key_invalid")


@prepared
def _owners() -> Any:
    return select(column("company_id"), column("key_id")).select_from(
        func.directory.api_keys_of(as_type(bindparam("hash"), String)).table_valued("company_id", "key_id")
    )


@prepared
def _by_id() -> Any:
    key, user = cast(Table, ApiKey.__table__).c, cast(Table, User.__table__).c
    creator = and_(user.company_id == key.company_id, user.id == key.created_by)
    facts = (key.id, key.scopes, key.cidrs, key.limit_per_minute, key.expires_at, key.revoked_at, key.created_by)
    person = (user.role, user.status, user.deleted_at.label("user_deleted_at"), GRANTED, COMPANY_STATUS)
    return select(*facts, key.deleted_at, *person).where(
        creator, key.company_id == bindparam("company_id"), key.id == bindparam("id")
    )


@prepared
def _used() -> Any:
    key = cast(Table, ApiKey.__table__).c
    stale = or_(key.last_used_at.is_(None), key.last_used_at < bindparam("before"))
    # A rotated key is valid until its overlap ends: its last use shows whether a program has yet to change.
    not_revoked = or_(key.revoked_at.is_(None), key.revoked_at > bindparam("at"))
    return (
        update(cast(Table, ApiKey.__table__))
        .where(key.company_id == bindparam("company_id"), key.id == bindparam("id"), not_revoked, stale)
        .values(last_used_at=bindparam("at"), updated_at=key.updated_at)
    )
