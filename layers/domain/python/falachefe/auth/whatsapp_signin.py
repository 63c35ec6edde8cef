"""The sign-in state of phones, in DynamoDB: one item a phone and company, changed by compare-and-swap.

All limits of a phone lie in one item, so that two messages at once cannot both spend the last try. Each change keeps
the cause that led to it (a provider's message id): a cause that is delivered again gets the outcome it got before.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from falachefe.auth import whatsapp_rules as rules
from falachefe.auth.whatsapp_codes import Codes, typed_code, wants_another
from falachefe.auth.whatsapp_rules import Code, Kind, Outcome, Session, State
from falachefe.aws.tables import ConditionFailed, Table
from falachefe.kernel.errors import Unavailable

CONTACT: Final = "contact"
SORT_KEY: Final = "signin"
_CAUSES_KEPT: Final = 8
_TRIES: Final = 12


def subject_of(user_id: UUID | None) -> str:
    """Whom a session is for. Someone who stops being staff, or becomes it, signs in anew."""
    return CONTACT if user_id is None else f"user#{user_id}"


class SignIn:
    def __init__(self, table: Table, codes: Callable[[], Codes]) -> None:
        self._table = table
        self._codes = codes

    def subjects(self, company_id: UUID, phone: str, now: datetime) -> frozenset[str]:
        """Who has a live session on this phone: one read, nothing written."""
        state, _, _ = self._load(company_id, phone)
        return frozenset(one.subject for one in state.sessions if one.expires_at > _seconds(now))

    def message(self, company_id: UUID, phone: str, text: str, *, subject: str, cause: str, now: datetime) -> Outcome:
        """What a chat message does: it may be the code, ask for another one, or make us send the first."""

        def decide(state: State) -> rules.Decision:
            at = _seconds(now)
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
            lambda state: (rules.open_session(state, subject, _token_hash(), at), Outcome(Kind.VERIFIED)),
        )

    def end_sessions(self, company_id: UUID, phone: str) -> None:
        """Nobody is signed in on this phone any more."""
        self._table.delete(_pk(company_id, phone), SORT_KEY)

    def _verify(
        self, state: State, company_id: UUID, phone: str, typed: str, *, subject: str, now: int
    ) -> rules.Decision:
        matches = self._codes().matches(state.code, company_id, phone, typed)
        return rules.on_code(state, matches=matches, subject=subject, token_hash=_token_hash(), now=now)

    def _change(
        self,
        company_id: UUID,
        phone: str,
        cause: str,
        now: datetime,
        decide: Callable[[State], rules.Decision],
    ) -> Outcome:
        for _ in range(_TRIES):
            state, done, version = self._load(company_id, phone)
            if cause in done:
                return _outcome(done[cause])
            changed, outcome = decide(state)
            if changed == state:
                return outcome
            kept = dict([*done.items(), (cause, _outcome_item(outcome))][-_CAUSES_KEPT:])
            item = _item(changed, kept, version + 1) | {"expires_at": rules.keep_until(changed, _seconds(now))}
            if self._save(company_id, phone, item, seen=version):
                return outcome
        raise Unavailable("Muitas tentativas ao mesmo tempo. Tente de novo em instantes.", retry_after=1)

    def _load(self, company_id: UUID, phone: str) -> tuple[State, dict[str, Any], int]:
        item = self._table.get(_pk(company_id, phone), SORT_KEY)
        if item is None:
            return State(), {}, 0
        return _state(item["state"]), {one["cause"]: one for one in item["done"]}, item["version"]

    def _save(self, company_id: UUID, phone: str, item: Mapping[str, Any], *, seen: int) -> bool:
        condition = "version = :seen" if seen else "attribute_not_exists(pk)"
        keyed = {"pk": _pk(company_id, phone), "sk": SORT_KEY, **item}
        try:
            self._table.put(keyed, condition=condition, values={":seen": seen} if seen else None)
        except ConditionFailed:
            return False
        return True


def _item(state: State, done: Mapping[str, Any], version: int) -> dict[str, Any]:
    return {
        "version": version,
        "state": _state_item(state),
        "done": [{"cause": cause, **outcome} for cause, outcome in done.items()],
    }


def _token_hash() -> str:
    """A session's token is shown to nobody: the phone itself is what the person has. Its hash names the session."""
    return hashlib.sha256(secrets.token_bytes(32)).hexdigest()


def _seconds(now: datetime) -> int:
    return int(now.timestamp())


def _pk(company_id: UUID, phone: str) -> str:
    return f"company#{company_id}#phone#{phone}"


def _state_item(state: State) -> dict[str, Any]:
    return {
        "code": _code_item(state.code),
        "sent_at": state.sent_at,
        "resends": list(state.resends),
        "attempts": list(state.attempts),
        "tries": state.tries,
        "failures": state.failures,
        "locked_until": state.locked_until,
        "sessions": [
            {"token_hash": one.token_hash, "subject": one.subject, "expires_at": one.expires_at}
            for one in state.sessions
        ],
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
        sessions=tuple(Session(**one) for one in item["sessions"]),
    )


def _outcome_item(outcome: Outcome) -> dict[str, Any]:
    return {
        "kind": str(outcome.kind),
        "wait_s": outcome.wait_s,
        "tries_left": outcome.tries_left,
        "code": _code_item(outcome.code),
    }


def _outcome(item: Mapping[str, Any]) -> Outcome:
    code = Code(**item["code"]) if item["code"] else None
    return Outcome(Kind(item["kind"]), item["wait_s"], item["tries_left"], code)


def _code_item(code: Code | None) -> dict[str, Any] | None:
    return {"nonce": code.nonce, "digest": code.digest, "expires_at": code.expires_at} if code else None
