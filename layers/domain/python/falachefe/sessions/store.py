"""Sessions in DynamoDB: one item each, in the user's partition, changed by conditional writes.

A session is a family of refresh tokens. Ending it deletes the item, and no write recreates it, so that no token of the
family is valid afterwards.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from falachefe.accounts.users import SessionKey
from falachefe.audit.rules import masked_address
from falachefe.aws.tables import ConditionFailed, Item, Table
from falachefe.kernel.errors import Unauthenticated, Unavailable
from falachefe.kernel.ids import new_id
from falachefe.kernel.observability.logs import logger
from falachefe.kernel.text import one_line
from falachefe.kernel.ttl_cache import TtlCache
from falachefe.phone_sign_in.store import PhoneStates, contended
from falachefe.sessions import refresh_tokens
from falachefe.sessions.refresh_tokens import RefreshToken, Use

MAX_SESSIONS: Final = 30
"""Of one user at a time: a further sign-in ends the least recently used one."""
_MAX_NAME_LENGTH: Final = 100
_MAX_USER_AGENT_LENGTH: Final = 300


@dataclass(frozen=True, slots=True)
class Device:
    name: str | None
    user_agent: str | None
    address: str | None
    """Masked: users can recognise their own network, but the address no longer identifies anyone."""


@dataclass(frozen=True, slots=True)
class Session:
    key: SessionKey
    role: str
    device: Device
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    phone: str | None = None
    """Unmasked; only for a session over WhatsApp."""


@dataclass(frozen=True, slots=True)
class Presented:
    """A refresh token that was valid when it was read."""

    session: Session
    token: RefreshToken
    use: Use
    salt: bytes
    current: int
    """The newest generation of the session."""


def device(name: str | None, user_agent: str | None, address: str | None) -> Device:
    return Device(
        name=one_line(name or "")[:_MAX_NAME_LENGTH] or None,
        user_agent=one_line(user_agent or "")[:_MAX_USER_AGENT_LENGTH] or None,
        address=masked_address(address),
    )


class RefreshReused(Unauthenticated):
    """A spent refresh token was used, so somebody has a copy. The session has been ended."""

    def __init__(self, key: SessionKey) -> None:
        super().__init__("Sua sessão foi encerrada por segurança. Entre de novo.", code="refresh_reused")
        self.key = key


class Sessions:
    """All sessions. `pepper` is read only when a refresh token is issued or verified."""

    def __init__(self, table: Table, pepper: Callable[[], str]) -> None:
        self._table = table
        self._phones = PhoneStates(table)
        self._pepper = pepper
        self._checked: TtlCache[SessionKey, datetime] = TtlCache()

    def open(self, company_id: UUID, user_id: UUID, role: str, of: Device, now: datetime) -> tuple[Session, str]:
        """A new session and its first refresh token."""
        key = SessionKey(company_id, user_id, new_id())
        salt = secrets.token_bytes(16)
        token = refresh_tokens.write(self._pepper(), salt, key, 1)
        item = {
            "pk": _pk(company_id, user_id),
            "sk": _sk(key),
            "role": role,
            "salt": salt,
            "generation": 1,
            "parent": 0,
            "token_hash": refresh_tokens.digest(token),
            "rotated_ms": _ms(now),
            "created_at": int(now.timestamp()),
            "created_ms": _ms(now),
            "device_name": of.name,
            "user_agent": of.user_agent,
            "address": of.address,
            "expires_at": _expiry(now),
        }
        with _answering():
            self._table.put(item, condition="attribute_not_exists(pk)")
        self._end_oldest(key)
        return _session(key, item), token

    def _end_oldest(self, newest: SessionKey) -> None:
        """Ends the least recently used sessions beyond `MAX_SESSIONS`."""
        person = _pk(newest.company_id, newest.user_id)
        with _answering():
            items = [item for item in self._table.query(person, "session#") if "salt" in item]
            by_use = sorted(items, key=lambda item: (item["sk"] == _sk(newest), item["rotated_ms"]))
            for item in by_use[: max(0, len(by_use) - MAX_SESSIONS)]:
                self._table.delete(person, item["sk"])

    def present(self, text: str, now: datetime) -> Presented:
        """Verifies a refresh token without spending it.

        Raises `Unauthenticated` when it is invalid. One that was spent before ends its session.
        """
        token = refresh_tokens.read(text)
        item = None if token is None else self._live(token.key, now)
        if token is None or item is None or not refresh_tokens.is_authentic(self._pepper(), item["salt"], token):
            raise _invalid()
        use = self._use_of(token, item, now)
        return Presented(_session(token.key, item), token, use, item["salt"], item["generation"])

    def rotate(self, presented: Presented, role: str, now: datetime) -> tuple[Session, str]:
        """Spends the token and returns its successor: the same one for each use of the token within the grace time."""
        token, key = presented.token, presented.token.key
        if presented.use is Use.REPEATED:
            return presented.session, refresh_tokens.write(self._pepper(), presented.salt, key, presented.current)
        following = presented.current + 1
        successor = refresh_tokens.write(self._pepper(), presented.salt, key, following)
        try:
            with _answering():
                item = self._table.update(
                    _pk(key.company_id, key.user_id),
                    _sk(key),
                    "SET generation = :next, parent = :used, token_hash = :hash, rotated_ms = :now, #role = :role,"
                    " expires_at = :ends",
                    {
                        ":next": following,
                        ":hash": refresh_tokens.digest(successor),
                        ":now": _ms(now),
                        ":role": role,
                        ":ends": _expiry(now),
                        ":used": token.generation,
                        ":current": presented.current,
                    },
                    condition="generation = :current",
                    names={"#role": "role"},
                )
        except ConditionFailed as met:
            if not met.item:
                raise _invalid() from None
            if self._use_of(token, met.item, now) is not Use.REPEATED:
                raise contended() from None
            return _session(key, met.item), refresh_tokens.write(
                self._pepper(), presented.salt, key, met.item["generation"]
            )
        return _session(key, item), successor

    def require(self, key: SessionKey, now: datetime) -> datetime:
        """When the session was opened. Raises `Unauthenticated` unless it is live. Cached for half a minute."""
        opened = self._checked.get(key, now)
        if opened is None:
            item = self._live(key, now)
            if item is None:
                raise ended()
            opened = _opened(item)
            self._checked.put(key, opened, now)
        return opened

    def of_user(self, company_id: UUID, user_id: UUID, now: datetime) -> list[Session]:
        """Sessions that have not expired, the most recently used first."""
        with _answering():
            items = self._table.query(_pk(company_id, user_id), "session#")
        found = [
            _session(SessionKey(company_id, user_id, UUID(item["sk"].removeprefix("session#"))), item)
            for item in items
            if item["expires_at"] > now.timestamp()
        ]
        return sorted(found, key=lambda session: session.used_at, reverse=True)

    def has(self, key: SessionKey, now: datetime) -> bool:
        """Whether a session exists, in the API or over WhatsApp."""
        with _answering():
            item = self._table.get(_pk(key.company_id, key.user_id), _sk(key))
        return item is not None and item["expires_at"] > now.timestamp()

    def end(self, key: SessionKey) -> bool:
        """Ends a session, together with its phone's state if it is one over WhatsApp; False when there was none."""
        self._checked.discard(key)
        person = _pk(key.company_id, key.user_id)
        with _answering():
            try:
                return self._table.delete(person, _sk(key), condition="attribute_not_exists(phone)") is not None
            except ConditionFailed as met:
                if not met.item:  # a concurrent write to the phone's state holds the item
                    raise contended() from None
                self._phones.end(key.company_id, person, met.item["phone"], str(key.session_id))
                return True

    def delete_ended(self, keys: Iterable[SessionKey]) -> int:
        """Deletes sessions that a mark on their user's row has ended; returns how many still existed.

        An item that cannot be deleted now is left to expire: the mark keeps it from being used.
        """
        gone = 0
        for key in keys:
            try:
                gone += self.end(key)
            except Unavailable:
                logger().warning("an ended session could not be deleted", session=str(key.session_id))
        return gone

    def _live(self, key: SessionKey, now: datetime) -> Item | None:
        with _answering():
            item = self._table.get(_pk(key.company_id, key.user_id), _sk(key))
        # A session over WhatsApp has no tokens, and so no salt.
        return item if item is not None and "salt" in item and item["expires_at"] > now.timestamp() else None

    def _use_of(self, token: RefreshToken, item: Item, now: datetime) -> Use:
        use = refresh_tokens.classify_use(
            used=token.generation,
            current=item["generation"],
            parent=item.get("parent", item["generation"] - 1),
            rotated_ms=item["rotated_ms"],
            now_ms=_ms(now),
        )
        if use is Use.REUSED:
            self.end(token.key)
            logger().warning("a spent refresh token was used: its session is ended", session=str(token.key.session_id))
            raise RefreshReused(token.key)
        return use


@contextmanager
def _answering() -> Iterator[None]:
    """Fails closed: without the table no request is authenticated. Raises `Unavailable`."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # 6 ms, after a failure

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable("Não foi possível conferir sua sessão. Tente de novo em instantes.", retry_after=1) from error


def ended() -> Unauthenticated:
    return Unauthenticated("Sua sessão terminou. Entre de novo.", code="session_ended")


def _invalid() -> Unauthenticated:
    return Unauthenticated("Sua sessão terminou. Entre de novo.", code="refresh_invalid")


def _session(key: SessionKey, item: Item) -> Session:
    return Session(
        key=key,
        role=item["role"],
        device=Device(item["device_name"], item["user_agent"], item["address"]),
        created_at=_opened(item),
        used_at=datetime.fromtimestamp(item["rotated_ms"] // 1000, UTC),
        expires_at=datetime.fromtimestamp(item["expires_at"], UTC),
        phone=item.get("phone"),
    )


def _opened(item: Item) -> datetime:
    milliseconds = item.get("created_ms", item["created_at"] * 1000)
    return datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)


def _pk(company_id: UUID, user_id: UUID) -> str:
    return f"company#{company_id}#user#{user_id}"


def _sk(key: SessionKey) -> str:
    return f"session#{key.session_id}"


def _ms(now: datetime) -> int:
    return int(now.timestamp() * 1000)


def _expiry(now: datetime) -> int:
    return int((now + refresh_tokens.LIFETIME).timestamp())
