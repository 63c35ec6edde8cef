"""Sign-in by WhatsApp: what a message, a code or a request for a new code does to a phone's state. Pure.

Times are whole Unix seconds. The product specifies the limits: a code is valid for 5 minutes and 3 tries; a resend is
possible after a minute, 3 times in 5 minutes; 3 verifications in 5 minutes; 3 sessions of 24 hours each; and a lockout
of 15 minutes.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

CONTACT: Final = "contact"
MINUTE: Final = 60
CODE_LIFETIME_S: Final = 5 * MINUTE
CODE_TRIES: Final = 3
RESEND_GAP: Final = MINUTE
RESENDS: Final = 3
RESEND_WINDOW: Final = 5 * MINUTE
ATTEMPTS: Final = 3
ATTEMPT_WINDOW: Final = 5 * MINUTE
FAILURES: Final = 5
LOCKED_FOR: Final = 15 * MINUTE
SESSION_LIFETIME_S: Final = 24 * 60 * MINUTE
SESSIONS: Final = 3
RESEND_AFTER_EXPIRY: Final = 60 * MINUTE
"""Since the last code was sent. A later request for a new code sends none; a message starts again."""


@dataclass(frozen=True, slots=True)
class Code:
    """A sent code: the sender computes it from `nonce`; `digest` is its keyed hash."""

    nonce: str
    digest: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    """An identifier, no credential: the phone authenticates its holder."""
    subject: str
    """`user#<id>`, or `contact`. A session is void when the phone belongs to another user."""
    expires_at: int

    @property
    def is_of_staff(self) -> bool:
        return self.subject != CONTACT


@dataclass(frozen=True, slots=True)
class State:
    """The sign-in state of a phone at a company."""

    code: Code | None = None
    sent_at: int = 0
    resends: tuple[int, ...] = ()
    attempts: tuple[int, ...] = ()
    tries: int = 0
    """Wrong tries since a code was last sent."""
    failures: int = 0
    """Wrong tries since the last success or lock."""
    locked_until: int = 0
    sessions: tuple[Session, ...] = ()
    pending_notified: bool = False
    """Whether the notice was sent that messages wait for the pending code."""


class Kind(StrEnum):
    PROCEED = "proceed"
    CODE_SENT = "code_sent"
    CODE_PENDING = "code_pending"
    VERIFIED = "verified"
    WRONG = "wrong"
    LOCKED = "locked"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    RESEND_TOO_SOON = "resend_too_soon"
    NOTHING_TO_RESEND = "nothing_to_resend"


@dataclass(frozen=True, slots=True)
class Outcome:
    kind: Kind
    wait_s: int = 0
    """Seconds until trying again can succeed."""
    tries_left: int = 0
    code: Code | None = None
    """The code to send."""
    session_id: str = ""
    """The opened session."""
    notified_before: bool = False
    """For a pending code: the notice that messages are held was sent before."""


type Decision = tuple[State, Outcome]


def has_session(state: State, subject: str, now: int) -> bool:
    return any(session.subject == subject and session.expires_at > now for session in state.sessions)


def without_ended(state: State, subject: str, valid_from: int) -> State:
    """The state without the subject's sessions opened before `valid_from`, which a mark has ended."""
    left = tuple(
        one for one in state.sessions if one.subject != subject or one.expires_at - SESSION_LIFETIME_S >= valid_from
    )
    return replace(state, sessions=left)


def code_is_pending(state: State, now: int) -> bool:
    return state.code is not None and state.code.expires_at > now


def on_message(state: State, fresh: Code, subject: str, now: int) -> Decision:
    """A message that neither is a code nor asks for one. `fresh` is sent if a code is needed."""
    if has_session(state, subject, now):
        return state, Outcome(Kind.PROCEED)
    if state.locked_until > now:
        return state, _locked(state, now)
    if state.code is not None and code_is_pending(state, now):
        pending = Outcome(Kind.CODE_PENDING, wait_s=state.code.expires_at - now, notified_before=state.pending_notified)
        return replace(state, pending_notified=True), pending
    return _send(state, fresh, now), Outcome(Kind.CODE_SENT, code=fresh)


def on_resend(state: State, fresh: Code, now: int) -> Decision:
    """A request for a new code. Sent only to phones that got one recently, so that it cannot be used for spam."""
    if state.locked_until > now:
        return state, _locked(state, now)
    recent = _within(state.resends, RESEND_WINDOW, now)
    wait = max(
        state.sent_at + RESEND_GAP - now if state.sent_at else 0,
        recent[-RESENDS] + RESEND_WINDOW - now if len(recent) >= RESENDS else 0,
    )
    if wait > 0:
        return state, Outcome(Kind.RESEND_TOO_SOON, wait_s=wait)
    if not state.sent_at or now - state.sent_at > RESEND_AFTER_EXPIRY or state.code is None:
        # Counted all the same, so that the responses do not reveal whether a phone is known.
        return replace(state, sent_at=now, resends=(*recent, now)), Outcome(Kind.NOTHING_TO_RESEND)
    sent = _send(state, fresh, now)
    return replace(sent, resends=(*recent, now)), Outcome(Kind.CODE_SENT, code=fresh)


def on_code(state: State, *, matches: bool, subject: str, session_id: str, now: int) -> Decision:
    """A presented code. `matches`: whether it is the pending code, compared in constant time by the caller.

    Without a pending code it fails in the same way as a wrong one.
    """
    if state.locked_until > now:
        return state, _locked(state, now)
    attempts = _within(state.attempts, ATTEMPT_WINDOW, now)
    if len(attempts) >= ATTEMPTS:
        return state, Outcome(Kind.TOO_MANY_ATTEMPTS, wait_s=attempts[-ATTEMPTS] + ATTEMPT_WINDOW - now)
    state = replace(state, attempts=(*attempts, now))
    if matches and code_is_pending(state, now):
        cleared = replace(state, code=None, tries=0, failures=0, resends=())
        return open_session(cleared, subject, session_id, now), Outcome(Kind.VERIFIED, session_id=session_id)
    return _failed(state, now)


def open_session(state: State, subject: str, session_id: str, now: int) -> State:
    """Adds a session; with `SESSIONS` already, it replaces the oldest."""
    live = tuple(session for session in state.sessions if session.expires_at > now)
    return replace(state, sessions=(*live, Session(session_id, subject, now + SESSION_LIFETIME_S))[-SESSIONS:])


def keep_until(state: State, now: int) -> int:
    """The time from which the state may be deleted."""
    moments = [now + ATTEMPT_WINDOW, state.sent_at + RESEND_AFTER_EXPIRY, state.locked_until]
    if state.failures:
        moments.append(now + SESSION_LIFETIME_S)
    return max([*moments, *(session.expires_at for session in state.sessions)])


def _failed(state: State, now: int) -> Decision:
    tries, failures = state.tries + 1, state.failures + 1
    left = min(CODE_TRIES - tries, FAILURES - failures)
    if left > 0:
        return replace(state, tries=tries, failures=failures), Outcome(Kind.WRONG, tries_left=left)
    locked = replace(state, code=None, tries=0, failures=0, locked_until=now + LOCKED_FOR)
    return locked, _locked(locked, now)


def _send(state: State, fresh: Code, now: int) -> State:
    return replace(state, code=fresh, sent_at=now, tries=0, pending_notified=False)


def _locked(state: State, now: int) -> Outcome:
    return Outcome(Kind.LOCKED, wait_s=state.locked_until - now)


def _within(moments: tuple[int, ...], window: int, now: int) -> tuple[int, ...]:
    return tuple(moment for moment in moments if moment > now - window)
