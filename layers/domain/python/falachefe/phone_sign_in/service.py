"""Sign-in by phone: applies the rules to the stored state by compare-and-swap.

All limits of a phone are in one item, so that concurrent messages cannot both use the last try. Each change stores its
cause (such as a provider's message id) with its outcome, so that a redelivery gets the same outcome.
"""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from falachefe.aws.tables import Table
from falachefe.kernel.ids import new_id
from falachefe.phone_sign_in import rules
from falachefe.phone_sign_in.codes import Codes, asks_for_new_code, typed_code
from falachefe.phone_sign_in.rules import (
    CONTACT,
    Code,
    Kind,
    Outcome,
    State,
)
from falachefe.phone_sign_in.store import (
    MAX_WRITES,
    PhoneStates,
    StoredPhone,
    code_item,
    contended,
)

_CAUSES_KEPT: Final = 8


def subject_of(user_id: UUID | None) -> str:
    """The subject of a session. Becoming or ceasing to be staff changes it and so requires a new sign-in."""
    return CONTACT if user_id is None else f"user#{user_id}"


class Opened(NamedTuple):
    """A session over WhatsApp and the time it was opened."""

    session_id: str
    at: datetime


class SignIn:
    def __init__(self, table: Table, codes: Callable[[], Codes]) -> None:
        self._phones = PhoneStates(table)
        self._codes = codes

    def subjects(self, company_id: UUID, phone: str, now: datetime) -> Mapping[str, Sequence[Opened]]:
        """The phone's live sessions by subject, in one read."""
        found: dict[str, list[Opened]] = {}
        for one in self._phones.load(company_id, phone).state.sessions:
            if one.expires_at > _unix_s(now):
                at = datetime.fromtimestamp(one.expires_at - rules.SESSION_LIFETIME_S, UTC)
                found.setdefault(one.subject, []).append(Opened(one.id, at))
        return found

    def message(
        self,
        company_id: UUID,
        phone: str,
        text: str,
        *,
        subject: str,
        valid_from: datetime | None = None,
        ended: Collection[str] = (),
        cause: str,
        now: datetime,
    ) -> Outcome:
        """Handles a chat message: it may be the code, ask for a new one, or cause the first to be sent.

        The subject's sessions opened before `valid_from`, and those in `ended`, are removed from the state.
        """

        def decide(state: State) -> rules.Decision:
            at = _unix_s(now)
            if valid_from is not None:
                state = rules.without_ended(state, subject, _unix_s(valid_from))
            state = replace(state, sessions=tuple(one for one in state.sessions if one.id not in ended))
            asked = rules.code_is_pending(state, at) or state.locked_until > at
            typed = typed_code(text)
            if typed is not None and asked and not rules.has_session(state, subject, at):
                return self._verify(state, company_id, phone, typed, subject=subject, now=at)
            if state.code is not None and asks_for_new_code(text) and not rules.has_session(state, subject, at):
                return rules.on_resend(state, self._codes().fresh(company_id, phone, at), at)
            return rules.on_message(state, self._codes().fresh(company_id, phone, at), subject, at)

        return self._change(company_id, phone, cause, now, decide)

    def code(self, company_id: UUID, phone: str, typed: str, *, subject: str, cause: str, now: datetime) -> Outcome:
        """Verifies a code that was presented outside the chat."""
        return self._change(
            company_id,
            phone,
            cause,
            now,
            lambda state: self._verify(state, company_id, phone, typed, subject=subject, now=_unix_s(now)),
        )

    def resend(self, company_id: UUID, phone: str, *, cause: str, now: datetime) -> Outcome:
        at = _unix_s(now)
        fresh = self._codes().fresh(company_id, phone, at)
        return self._change(company_id, phone, cause, now, lambda state: rules.on_resend(state, fresh, at))

    def create_session(self, company_id: UUID, phone: str, *, subject: str, now: datetime) -> None:
        """Opens a session without a code, for someone verified otherwise (the demo's owner)."""
        at = _unix_s(now)
        self._change(
            company_id,
            phone,
            f"session#{secrets.token_hex(8)}",
            now,
            lambda state: (rules.open_session(state, subject, _fresh_id(), at), Outcome(Kind.VERIFIED)),
        )

    def _verify(
        self, state: State, company_id: UUID, phone: str, typed: str, *, subject: str, now: int
    ) -> rules.Decision:
        matches = self._codes().matches(state.code, company_id, phone, typed)
        return rules.on_code(state, matches=matches, subject=subject, session_id=_fresh_id(), now=now)

    def _change(
        self,
        company_id: UUID,
        phone: str,
        cause: str,
        now: datetime,
        decide: Callable[[State], rules.Decision],
    ) -> Outcome:
        for _ in range(MAX_WRITES):
            seen = self._phones.load(company_id, phone)
            if cause in seen.done:
                return _outcome(seen.done[cause])
            state, outcome = decide(seen.state)
            if state == seen.state:
                return outcome
            done = dict([*seen.done.items(), (cause, _outcome_item(outcome))][-_CAUSES_KEPT:])
            changed = StoredPhone(state, done, expires_at=rules.keep_until(state, _unix_s(now)))
            if self._phones.save(company_id, phone, seen, changed):
                return outcome
        raise contended()


def _fresh_id() -> str:
    return str(new_id())


def _unix_s(now: datetime) -> int:
    return int(now.timestamp())


def _outcome_item(outcome: Outcome) -> dict[str, Any]:
    return {
        "kind": str(outcome.kind),
        "wait_s": outcome.wait_s,
        "tries_left": outcome.tries_left,
        "code": code_item(outcome.code),
        "session_id": outcome.session_id,
        "told_before": outcome.notified_before,
    }


def _outcome(item: Mapping[str, Any]) -> Outcome:
    code = Code(**item["code"]) if item["code"] else None
    return Outcome(
        Kind(item["kind"]),
        item["wait_s"],
        item["tries_left"],
        code,
        item.get("session_id", ""),
        item.get("told_before", False),
    )
