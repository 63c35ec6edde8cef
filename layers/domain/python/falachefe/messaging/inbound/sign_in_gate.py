"""The sign-in gate: a sender without a session is asked for a one-time code before a message is processed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.kernel.events import DomainEvent
from falachefe.messaging import notices
from falachefe.messaging.conversations import contacts
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.service import ConversationState
from falachefe.messaging.webhook.receive import Count
from falachefe.phone_sign_in import people
from falachefe.phone_sign_in.codes import asks_for_new_code
from falachefe.phone_sign_in.people import CHAT, Origin
from falachefe.phone_sign_in.rules import Code, Kind, Outcome
from falachefe.phone_sign_in.service import Opened, SignIn

_SIGNED_IN = (Kind.PROCEED, Kind.VERIFIED)
_LOG_METHOD = {Kind.RESEND_TOO_SOON: "resend", Kind.NOTHING_TO_RESEND: "resend"}


@dataclass(frozen=True, slots=True)
class SignInSubject:
    """The sender that has to sign in."""

    subject: str
    valid_from: datetime | None
    """Sessions opened before this have ended, even if the phone's item still lists them."""

    @classmethod
    def of(cls, subject: str, staff: people.Staff | None) -> "SignInSubject":
        return cls(subject, staff.sessions_valid_from if staff else None)


class SignInRequired(Exception):
    """The sender has no session: the transaction is rolled back and repeated with the outcome of the sign-in.

    So no transaction is open during the calls to DynamoDB.
    """

    def __init__(self, sender: SignInSubject) -> None:
        super().__init__("the sign-in has to be asked first")
        self.sender = sender


@dataclass(frozen=True, slots=True)
class SignInResult:
    """The outcome of the sign-in for a message of this sender."""

    sender: SignInSubject
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class SignInState:
    """The phone's sessions, by subject, and the result of the sign-in once it was needed."""

    sessions: Mapping[str, Sequence[Opened]]
    result: SignInResult | None = None

    def has_session(self, subject: str, staff: people.Staff | None) -> bool:
        """Whether the subject has a session that has not been ended."""
        return any(staff is None or not staff.has_ended(*opened) for opened in self.sessions.get(subject, ()))

    def ended_sessions(self, subject: str) -> frozenset[str]:
        """The listed sessions of a subject for whom `has_session` is false."""
        return frozenset(opened.session_id for opened in self.sessions.get(subject, ()))

    def has_new_session(self, sessions: Mapping[str, Sequence[Opened]]) -> bool:
        """Whether `sessions` has one that did not exist when processing of the message began."""
        before = {opened.session_id for of_subject in self.sessions.values() for opened in of_subject}
        return any(opened.session_id not in before for of_subject in sessions.values() for opened in of_subject)

    def outcome_for(self, sender: SignInSubject) -> Outcome:
        """The outcome of this sender's sign-in. Raises `SignInRequired` when there is none yet."""
        if self.result is None or self.result.sender != sender:
            raise SignInRequired(sender)
        return self.result.outcome


@dataclass(frozen=True, slots=True)
class SignInGate:
    sign_in: SignIn

    def check(
        self,
        company_id: UUID,
        channel_id: UUID,
        phone: str,
        message: Mapping[str, Any],
        sender: SignInSubject,
        *,
        ended: Collection[str],
        now: datetime,
    ) -> SignInResult:
        """The outcome of the sign-in for a message of a sender without a session.

        The provider's message id is the cause: a repetition of the message leads to the same outcome.
        """
        cause = f"{channel_id}#{message['provider_message_id']}"
        outcome = self.sign_in.message(
            company_id,
            phone,
            message["text"],
            subject=sender.subject,
            valid_from=sender.valid_from,
            ended=ended,
            cause=cause,
            now=now,
        )
        return SignInResult(sender, outcome)

    @staticmethod
    def apply_outcome(
        session: Session,
        outbox: Outbox,
        state: ConversationState,
        message: Mapping[str, Any],
        outcome: Outcome,
        *,
        company_name: str,
        count: Count,
        now: datetime,
    ) -> None:
        """Queues the answer to the sender, and writes what an outcome changes, its log entry and metrics."""
        again = asks_for_new_code(message["text"])
        if outcome.code is not None:
            queue_code(session, outbox, state, outcome.code, company_name=company_name, again=again, now=now)
        elif outcome.kind not in _SIGNED_IN and (text := notices.sign_in_text(outcome)) is not None:
            conversations.queue_message(session, outbox, state, text, now=now)
        owner = PhoneOwner(state.company_id, state.phone, state.user_id)
        log_attempt(session, outbox, owner, outcome, method="resend" if again else "verification_code", now=now)
        count_attempt(count, outcome, method="resend" if again else "verification_code", now=now)


def is_signed_in(outcome: Outcome) -> bool:
    return outcome.kind in _SIGNED_IN


@dataclass(frozen=True, slots=True)
class PhoneOwner:
    company_id: UUID
    phone: str
    user_id: UUID | None


def queue_code(
    session: Session,
    outbox: Outbox,
    state: ConversationState,
    code: Code,
    *,
    company_name: str,
    again: bool,
    now: datetime,
) -> None:
    """Queues a message without the code: it is computed from the nonce and the pepper when the message is sent."""
    conversations.queue_message(
        session,
        outbox,
        state,
        notices.code_text(company_name, again=again),
        now=now,
        crew_metadata={
            "template": notices.CODE_TEMPLATE,
            "nonce": code.nonce,
            "expires_at": datetime.fromtimestamp(code.expires_at, UTC).isoformat(),
        },
    )


def log_attempt(
    session: Session,
    outbox: Outbox,
    owner: PhoneOwner,
    outcome: Outcome,
    *,
    method: str,
    now: datetime,
    origin: Origin = CHAT,
) -> None:
    """Writes the attempt into the sign-in log, and what a success changes."""
    if outcome.kind in (Kind.PROCEED, Kind.CODE_PENDING):
        return
    verified = outcome.kind is Kind.VERIFIED
    done = verified or (method == "resend" and outcome.kind is Kind.CODE_SENT)
    people.log_attempt(
        session,
        owner.company_id,
        phone=owner.phone,
        method=_LOG_METHOD.get(outcome.kind, method),
        success=done,
        user_id=owner.user_id,
        error_code=None if done else str(outcome.kind),
        origin=origin,
    )
    if verified:
        _verified(session, outbox, owner, outcome.session_id, origin=origin, now=now)


def _verified(
    session: Session, outbox: Outbox, owner: PhoneOwner, session_id: str, *, origin: Origin, now: datetime
) -> None:
    is_new = contacts.mark_verified(session, owner.company_id, owner.phone, now)
    if owner.user_id is not None:
        people.mark_verified(session, owner.company_id, owner.user_id, now)
        if session_id:
            people.record_sign_in_over_whatsapp(
                session, owner.company_id, owner.user_id, session_id, origin=origin, now=now
            )
    elif is_new:
        people.log_attempt(
            session, owner.company_id, phone=owner.phone, method="new_contact", success=True, origin=origin
        )
    data = {"user_id": str(owner.user_id) if owner.user_id else None}
    outbox.record(DomainEvent("auth.whatsapp_verified", owner.company_id, now, data))


def count_attempt(count: Count, outcome: Outcome, *, method: str, now: datetime) -> None:
    """Counts the metrics of an attempt."""
    if outcome.kind is Kind.CODE_PENDING:
        return
    status = "success" if outcome.kind in _SIGNED_IN else "pending" if outcome.kind is Kind.CODE_SENT else "failed"
    count("whatsapp_auth_attempts_total", now, method=method, status=status)
    if outcome.kind is Kind.CODE_SENT:
        count("whatsapp_verification_codes_sent_total", now)
    if outcome.kind is Kind.VERIFIED:
        count("whatsapp_sessions_created_total", now)
    if outcome.kind in (Kind.TOO_MANY_ATTEMPTS, Kind.RESEND_TOO_SOON):
        count("whatsapp_rate_limit_hits_total", now, scope=method)
