"""Signing in by WhatsApp: what a message, a code or a request for another code does to a phone's state.

Pure decisions. Times are whole Unix seconds. The figures are the product's (code 5 minutes and 3 tries, resend not
within a minute and 3 in 5, verification 3 in 5 minutes, session 24 hours and 3, lockout 15 minutes).
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

CONTACT: Final = "contact"
MINUTE: Final = 60
CODE_LIVES: Final = 5 * MINUTE
CODE_TRIES: Final = 3
RESEND_GAP: Final = MINUTE
RESENDS: Final = 3
RESEND_WINDOW: Final = 5 * MINUTE
ATTEMPTS: Final = 3
ATTEMPT_WINDOW: Final = 5 * MINUTE
FAILURES: Final = 5
LOCKED_FOR: Final = 15 * MINUTE
SESSION_LIVES: Final = 24 * 60 * MINUTE
SESSIONS: Final = 3
RESEND_AFTER_EXPIRY: Final = 60 * MINUTE
"""Who asked for a code this long ago may still ask for another one; later, a message starts anew."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was sent: `nonce` lets the sender compute it once more, `digest` is its keyed hash."""

    nonce: str
    digest: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    """Names it; the phone itself is what the person has."""
    subject: str
    """`user#<id>`, or `contact`. A phone that changed hands inside the company has no session any more."""
    expires_at: int

    @property
    def is_of_staff(self) -> bool:
        return self.subject != CONTACT


@dataclass(frozen=True, slots=True)
class State:
    """All that is known of a phone at a company."""

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
    kept_told: bool = False
    """Whether the person was told that what they write waits for the pending code."""


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
    """How long until trying again makes sense."""
    tries_left: int = 0
    code: Code | None = None
    """The code to send."""
    session_id: str = ""
    """The session that this opened."""
    told_before: bool = False
    """Of a pending code: the person knows that their message is kept."""


type Decision = tuple[State, Outcome]


def has_session(state: State, subject: str, now: int) -> bool:
    return any(session.subject == subject and session.expires_at > now for session in state.sessions)


def without_ended(state: State, subject: str, valid_from: int) -> State:
    """Without the subject's sessions that were opened before `valid_from`: these were ended together."""
    left = tuple(
        one for one in state.sessions if one.subject != subject or one.expires_at - SESSION_LIVES >= valid_from
    )
    return replace(state, sessions=left)


def code_is_pending(state: State, now: int) -> bool:
    return state.code is not None and state.code.expires_at > now


def on_message(state: State, fresh: Code, subject: str, now: int) -> Decision:
    """A message that is no code and asks for none. `fresh` is the code to send if one is needed."""
    if has_session(state, subject, now):
        return state, Outcome(Kind.PROCEED)
    if state.locked_until > now:
        return state, _locked(state, now)
    if state.code is not None and code_is_pending(state, now):
        pending = Outcome(Kind.CODE_PENDING, wait_s=state.code.expires_at - now, told_before=state.kept_told)
        return replace(state, kept_told=True), pending
    return _send(state, fresh, now), Outcome(Kind.CODE_SENT, code=fresh)


def on_resend(state: State, fresh: Code, now: int) -> Decision:
    """A request for another code. Only who was sent one lately gets another: nobody can make us write to strangers."""
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
        # Counted like a real one: the answers to a stranger's phone are those to a known one's.
        return replace(state, sent_at=now, resends=(*recent, now)), Outcome(Kind.NOTHING_TO_RESEND)
    sent = _send(state, fresh, now)
    return replace(sent, resends=(*recent, now)), Outcome(Kind.CODE_SENT, code=fresh)


def on_code(state: State, *, matches: bool, subject: str, session_id: str, now: int) -> Decision:
    """A code that was given. `matches`: it is the pending code's, compared in constant time by the caller.

    A phone that has no pending code fails in the same way as one whose code was mistyped.
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
    """A further session; the oldest gives way to it when there are three."""
    live = tuple(session for session in state.sessions if session.expires_at > now)
    return replace(state, sessions=(*live, Session(session_id, subject, now + SESSION_LIVES))[-SESSIONS:])


def keep_until(state: State, now: int) -> int:
    """When nothing of the state matters any more."""
    moments = [now + ATTEMPT_WINDOW, state.sent_at + RESEND_AFTER_EXPIRY, state.locked_until]
    if state.failures:
        moments.append(now + SESSION_LIVES)
    return max([*moments, *(session.expires_at for session in state.sessions)])


def _failed(state: State, now: int) -> Decision:
    tries, failures = state.tries + 1, state.failures + 1
    left = min(CODE_TRIES - tries, FAILURES - failures)
    if left > 0:
        return replace(state, tries=tries, failures=failures), Outcome(Kind.WRONG, tries_left=left)
    locked = replace(state, code=None, tries=0, failures=0, locked_until=now + LOCKED_FOR)
    return locked, _locked(locked, now)


def _send(state: State, fresh: Code, now: int) -> State:
    return replace(state, code=fresh, sent_at=now, tries=0, kept_told=False)


def _locked(state: State, now: int) -> Outcome:
    return Outcome(Kind.LOCKED, wait_s=state.locked_until - now)


def _within(moments: tuple[int, ...], window: int, now: int) -> tuple[int, ...]:
    return tuple(moment for moment in moments if moment > now - window)
