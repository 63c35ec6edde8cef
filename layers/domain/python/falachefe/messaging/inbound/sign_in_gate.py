"""The sign-in gate of the inbound queue: who may talk to the crew, and what the others are told."""

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

_MAY_TALK = (Kind.PROCEED, Kind.VERIFIED)
_LOG_METHOD = {Kind.RESEND_TOO_SOON: "resend", Kind.NOTHING_TO_RESEND: "resend"}


@dataclass(frozen=True, slots=True)
class Seeking:
    """Who wants to come in."""

    subject: str
    valid_from: datetime | None
    """Their sessions that were opened before this have ended, though the phone's item may still list them."""

    @classmethod
    def of(cls, subject: str, staff: people.Staff | None) -> "Seeking":
        return cls(subject, staff.sessions_valid_from if staff else None)


class NotSignedIn(Exception):
    """The transaction met a writer without a session: it is rolled back, the sign-in is asked outside of it, and the
    transaction begins again with the outcome. No transaction is open while DynamoDB is asked."""

    def __init__(self, seeking: Seeking) -> None:
        super().__init__("the sign-in has to be asked first")
        self.seeking = seeking


@dataclass(frozen=True, slots=True)
class Asked:
    """What the sign-in said of a message, taken for one of this writer."""

    seeking: Seeking
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Entry:
    """How a message's writer comes in: the sessions of the phone, by subject with their openings, or a sign-in."""

    sessions: Mapping[str, Sequence[Opened]]
    asked: Asked | None = None

    def holds(self, subject: str, staff: people.Staff | None) -> bool:
        """Whether the subject has a session that their marks have not ended."""
        return any(staff is None or not staff.has_ended(*opened) for opened in self.sessions.get(subject, ()))

    def ended(self, subject: str) -> frozenset[str]:
        """The sessions of a subject who has none that holds."""
        return frozenset(opened.session_id for opened in self.sessions.get(subject, ()))

    def lacks_some_of(self, sessions: Mapping[str, Sequence[Opened]]) -> bool:
        """Whether the phone has a session now that it had not when the message was taken up."""
        before = {opened.session_id for of_subject in self.sessions.values() for opened in of_subject}
        return any(opened.session_id not in before for of_subject in sessions.values() for opened in of_subject)

    def outcome_for(self, seeking: Seeking) -> Outcome:
        """What the sign-in said of this writer. Raises `NotSignedIn` while it was not asked."""
        if self.asked is None or self.asked.seeking != seeking:
            raise NotSignedIn(seeking)
        return self.asked.outcome


@dataclass(frozen=True, slots=True)
class Gate:
    sign_in: SignIn

    def ask(
        self,
        company_id: UUID,
        channel_id: UUID,
        phone: str,
        message: Mapping[str, Any],
        seeking: Seeking,
        *,
        ended: Collection[str],
        now: datetime,
    ) -> Asked:
        """What a message of somebody without a session leads to.

        The provider's message id is the cause: whatever fails afterwards, the same message leads to the same outcome.
        """
        cause = f"{channel_id}#{message['provider_message_id']}"
        outcome = self.sign_in.message(
            company_id,
            phone,
            message["text"],
            subject=seeking.subject,
            valid_from=seeking.valid_from,
            ended=ended,
            cause=cause,
            now=now,
        )
        return Asked(seeking, outcome)

    @staticmethod
    def follow(
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
        """Writes the answer, the log and the marks of an outcome."""
        again = asks_for_new_code(message["text"])
        if outcome.code is not None:
            queue_code(session, outbox, state, outcome.code, company_name=company_name, again=again, now=now)
        elif outcome.kind not in _MAY_TALK and (text := notices.sign_in_text(outcome)) is not None:
            conversations.queue_message(session, outbox, state, text, now=now)
        who = Who(state.company_id, state.phone, state.user_id)
        note(session, outbox, who, outcome, method="resend" if again else "verification_code", now=now)
        tell(count, outcome, method="resend" if again else "verification_code", now=now)


def may_talk(outcome: Outcome) -> bool:
    return outcome.kind in _MAY_TALK


@dataclass(frozen=True, slots=True)
class Who:
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
    """A message without the code in it: the sender computes it from the nonce, under the pepper, as it goes out."""
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


def note(
    session: Session,
    outbox: Outbox,
    who: Who,
    outcome: Outcome,
    *,
    method: str,
    now: datetime,
    origin: Origin = CHAT,
) -> None:
    """Writes the attempt into the audit log, and what a success changes."""
    if outcome.kind in (Kind.PROCEED, Kind.CODE_PENDING):
        return
    verified = outcome.kind is Kind.VERIFIED
    done = verified or (method == "resend" and outcome.kind is Kind.CODE_SENT)
    people.log_attempt(
        session,
        who.company_id,
        phone=who.phone,
        method=_LOG_METHOD.get(outcome.kind, method),
        success=done,
        user_id=who.user_id,
        error_code=None if done else str(outcome.kind),
        origin=origin,
    )
    if verified:
        _verified(session, outbox, who, outcome.session_id, origin=origin, now=now)


def _verified(session: Session, outbox: Outbox, who: Who, session_id: str, *, origin: Origin, now: datetime) -> None:
    is_new = contacts.mark_verified(session, who.company_id, who.phone, now)
    if who.user_id is not None:
        people.mark_verified(session, who.company_id, who.user_id, now)
        if session_id:
            people.record_sign_in_over_whatsapp(
                session, who.company_id, who.user_id, session_id, origin=origin, now=now
            )
    elif is_new:
        people.log_attempt(session, who.company_id, phone=who.phone, method="new_contact", success=True, origin=origin)
    data = {"user_id": str(who.user_id) if who.user_id else None}
    outbox.record(DomainEvent("auth.whatsapp_verified", who.company_id, now, data))


def tell(count: Count, outcome: Outcome, *, method: str, now: datetime) -> None:
    """The metrics of an attempt."""
    if outcome.kind is Kind.CODE_PENDING:
        return
    status = "success" if outcome.kind in _MAY_TALK else "pending" if outcome.kind is Kind.CODE_SENT else "failed"
    count("whatsapp_auth_attempts_total", now, method=method, status=status)
    if outcome.kind is Kind.CODE_SENT:
        count("whatsapp_verification_codes_sent_total", now)
    if outcome.kind is Kind.VERIFIED:
        count("whatsapp_sessions_created_total", now)
    if outcome.kind in (Kind.TOO_MANY_ATTEMPTS, Kind.RESEND_TOO_SOON):
        count("whatsapp_rate_limit_hits_total", now, scope=method)
