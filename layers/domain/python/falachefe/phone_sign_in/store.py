"""Sign-in state of phones in DynamoDB: one item for each company and phone, changed by compare-and-swap.

A staff member's session over WhatsApp is stored twice: in the phone's item, where one read finds a sender's sessions,
and in the user's partition with the API's sessions, where it is listed and ended. One transaction writes both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from falachefe.aws.tables import ConditionFailed, Delete, Item, Put, Table
from falachefe.kernel.errors import Unavailable
from falachefe.phone_sign_in.rules import (
    SESSION_LIFETIME_S,
    Code,
    Session,
    State,
)

SORT_KEY: Final = "signin"
CHAT_DEVICE: Final = "WhatsApp"
MAX_WRITES: Final = 12


@dataclass(frozen=True, slots=True)
class StoredPhone:
    """A phone's item as read. `done` has recent outcomes by cause."""

    state: State = State()  # noqa: RUF009  # frozen
    done: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0
    expires_at: int = 0


class PhoneStates:
    def __init__(self, table: Table) -> None:
        self._table = table

    def load(self, company_id: UUID, phone: str) -> StoredPhone:
        item = self._table.get(_pk(company_id, phone), SORT_KEY)
        if item is None:
            return StoredPhone()
        done = {one["cause"]: one for one in item["done"]}
        return StoredPhone(_state(item["state"]), done, item["version"], item["expires_at"])

    def save(self, company_id: UUID, phone: str, seen: StoredPhone, changed: StoredPhone) -> bool:
        """Writes `changed`; False if the item is no longer as `seen`."""
        item = {
            "pk": _pk(company_id, phone),
            "sk": SORT_KEY,
            "version": seen.version + 1,
            "state": _state_item(changed.state),
            "done": [{"cause": cause, **outcome} for cause, outcome in changed.done.items()],
            "expires_at": changed.expires_at,
        }
        condition = "version = :seen" if seen.version else "attribute_not_exists(pk)"
        values = {":seen": seen.version} if seen.version else None
        listed = list(_listings(company_id, phone, seen.state, changed.state))
        try:
            if listed:
                self._table.together(Put(item, condition, values), *listed)
            else:
                self._table.put(item, condition=condition, values=values)
        except ConditionFailed:
            return False
        return True

    def end(self, company_id: UUID, person: str, phone: str, session_id: str) -> None:
        """Ends a session over WhatsApp in both items: the phone's next message needs a new code."""

        def without(known: StoredPhone) -> StoredPhone:
            left = tuple(one for one in known.state.sessions if one.id != session_id)
            return replace(known, state=replace(known.state, sessions=left))

        for _ in range(MAX_WRITES):
            seen = self.load(company_id, phone)
            changed = without(seen)
            if changed.state == seen.state:  # replaced by newer sessions, or the phone's item is deleted
                self._table.delete(person, f"session#{session_id}")
                return
            if self.save(company_id, phone, seen, changed):
                return
        raise contended()


def contended() -> Unavailable:
    return Unavailable("Muitas tentativas ao mesmo tempo. Tente de novo em instantes.", retry_after=1)


def _listings(company_id: UUID, phone: str, before: State, after: State) -> Iterator[Put | Delete]:
    """The changes in users' partitions that follow from a phone's sessions. Contacts' sessions have no copy there."""
    old, new = ({one.id: one for one in state.sessions if one.is_of_staff} for state in (before, after))
    for session_id in old.keys() - new.keys():
        yield Delete(_person(company_id, old[session_id]), f"session#{session_id}")
    for session_id in new.keys() - old.keys():
        yield Put(_listing(company_id, phone, new[session_id]))


def _listing(company_id: UUID, phone: str, session: Session) -> Item:
    """The item in the user's partition, in the form of `sessions.store`, without a refresh token."""
    opened = session.expires_at - SESSION_LIFETIME_S
    return {
        "pk": _person(company_id, session),
        "sk": f"session#{session.id}",
        "phone": phone,
        "role": "",
        "created_at": opened,
        "rotated_ms": opened * 1000,
        "device_name": CHAT_DEVICE,
        "user_agent": None,
        "address": None,
        "expires_at": session.expires_at,
    }


def _person(company_id: UUID, session: Session) -> str:
    return f"company#{company_id}#{session.subject}"


def _pk(company_id: UUID, phone: str) -> str:
    return f"company#{company_id}#phone#{phone}"


def _state_item(state: State) -> dict[str, Any]:
    return {
        "code": code_item(state.code),
        "sent_at": state.sent_at,
        "resends": list(state.resends),
        "attempts": list(state.attempts),
        "tries": state.tries,
        "failures": state.failures,
        "locked_until": state.locked_until,
        "kept_told": state.pending_notified,
        "sessions": [{"id": one.id, "subject": one.subject, "expires_at": one.expires_at} for one in state.sessions],
    }


def _state(item: Mapping[str, Any]) -> State:
    return State(
        code=Code(**item["code"]) if item["code"] else None,
        sent_at=item["sent_at"],
        resends=tuple(item["resends"]),
        attempts=tuple(item["attempts"]),
        tries=item["tries"],
        failures=item["failures"],
        locked_until=item["locked_until"],
        pending_notified=item.get("kept_told", False),
        # Old sessions without an id have no copy in the user's partition and could not be ended: they are void.
        sessions=tuple(Session(**one) for one in item["sessions"] if "id" in one),
    )


def code_item(code: Code | None) -> dict[str, Any] | None:
    return {"nonce": code.nonce, "digest": code.digest, "expires_at": code.expires_at} if code else None
