"""Signing in by a phone: its state, changed by compare-and-swap.

All limits of a phone lie in one item, so that two messages at once cannot both spend the last try. Each change keeps
the cause that led to it (a provider's message id): a cause that is delivered again gets the outcome it got before.
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
from falachefe.phone_sign_in.codes import Codes, typed_code, wants_another
from falachefe.phone_sign_in.rules import (
    CONTACT,
    Code,
    Kind,
    Outcome,
    State,
)
from falachefe.phone_sign_in.store import (
    TRIES,
    Known,
    PhoneStates,
    code_item,
    contended,
)

_CAUSES_KEPT: Final = 8


def subject_of(user_id: UUID | None) -> str:
    """Whom a session is for. Someone who stops being staff, or becomes it, signs in anew."""
    return CONTACT if user_id is None else f"user#{user_id}"


class Opened(NamedTuple):
    """A session of a chat, and when it was opened."""

    session_id: str
    at: datetime


class SignIn:
    def __init__(self, table: Table, codes: Callable[[], Codes]) -> None:
        self._phones = PhoneStates(table)
        self._codes = codes

    def subjects(self, company_id: UUID, phone: str, now: datetime) -> Mapping[str, Sequence[Opened]]:
        """Who has live sessions on this phone, which, and since when: one read, nothing written."""
        found: dict[str, list[Opened]] = {}
        for one in self._phones.load(company_id, phone).state.sessions:
            if one.expires_at > _seconds(now):
                at = datetime.fromtimestamp(one.expires_at - rules.SESSION_LIVES, UTC)
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
        """What a chat message does: it may be the code, ask for another one, or make us send the first.

        The subject's sessions that were opened before `valid_from`, and those `ended` one by one, are none, and are
        forgotten.
        """

        def decide(state: State) -> rules.Decision:
            at = _seconds(now)
            if valid_from is not None:
                state = rules.without_ended(state, subject, _seconds(valid_from))
            state = replace(state, sessions=tuple(one for one in state.sessions if one.id not in ended))
            asked = rules.code_is_pending(state, at) or state.locked_until > at
            typed = typed_code(text)
            if typed is not None and asked and not rules.has_session(state, subject, at):
                return self._verify(state, company_id, phone, typed, subject=subject, now=at)
            if state.code is not None and wants_another(text) and not rules.has_session(state, subject, at):
                return rules.on_resend(state, self._codes().fresh(company_id, phone, at), at)
            return rules.on_message(state, self._codes().fresh(company_id, phone, at), subject, at)

        return self._change(company_id, phone, cause, now, decide)

    def code(self, company_id: UUID, phone: str, typed: str, *, subject: str, cause: str, now: datetime) -> Outcome:
        """A code that was given outside the chat."""
        return self._change(
            company_id,
            phone,
            cause,
            now,
            lambda state: self._verify(state, company_id, phone, typed, subject=subject, now=_seconds(now)),
        )

    def resend(self, company_id: UUID, phone: str, *, cause: str, now: datetime) -> Outcome:
        at = _seconds(now)
        fresh = self._codes().fresh(company_id, phone, at)
        return self._change(company_id, phone, cause, now, lambda state: rules.on_resend(state, fresh, at))

    def create_session(self, company_id: UUID, phone: str, *, subject: str, now: datetime) -> None:
        """A live session without a code, for someone who proved who they are in another way (the demo's owner)."""
        at = _seconds(now)
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
        for _ in range(TRIES):
            seen = self._phones.load(company_id, phone)
            if cause in seen.done:
                return _outcome(seen.done[cause])
            state, outcome = decide(seen.state)
            if state == seen.state:
                return outcome
            done = dict([*seen.done.items(), (cause, _outcome_item(outcome))][-_CAUSES_KEPT:])
            changed = Known(state, done, expires_at=rules.keep_until(state, _seconds(now)))
            if self._phones.save(company_id, phone, seen, changed):
                return outcome
        raise contended()


def _fresh_id() -> str:
    return str(new_id())


def _seconds(now: datetime) -> int:
    return int(now.timestamp())


def _outcome_item(outcome: Outcome) -> dict[str, Any]:
    return {
        "kind": str(outcome.kind),
        "wait_s": outcome.wait_s,
        "tries_left": outcome.tries_left,
        "code": code_item(outcome.code),
        "session_id": outcome.session_id,
        "told_before": outcome.told_before,
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
