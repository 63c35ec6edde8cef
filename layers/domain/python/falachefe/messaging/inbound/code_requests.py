"""Phone sign-in over the API instead of the chat: verifying a code, and requesting another one.

The responses do not show whether a phone is known or a company exists.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from falachefe.companies import service as tenancy
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox, Publisher
from falachefe.db.unit_of_work import unit_of_work
from falachefe.kernel.brazil import parse_phone
from falachefe.kernel.clock import Clock
from falachefe.kernel.errors import DomainError, LimitExceeded, NotFound, invalid_field
from falachefe.kernel.ids import new_id
from falachefe.messaging.conversations import contacts
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.inbound import sign_in_gate
from falachefe.messaging.webhook.queue_messages import verified_queue_message
from falachefe.messaging.webhook.receive import Count
from falachefe.phone_sign_in import people
from falachefe.phone_sign_in.people import Origin
from falachefe.phone_sign_in.rules import RESEND_GAP, Kind, Outcome
from falachefe.phone_sign_in.service import SignIn, subject_of


class WrongCode(DomainError):
    status = 422
    default_code = "wrong_code"
    title = "Código inválido"


@dataclass(frozen=True, slots=True)
class SignInRequests:
    database: Database
    publisher: Publisher
    sign_in: SignIn
    clock: Clock
    count: Count

    def verify(self, company_id: UUID, phone: str, code: str, origin: Origin) -> UUID | None:
        """Signs the phone in; the messages that were held for it are processed.

        Returns the id of the user who signed in, None for a contact. Raises `WrongCode` (also for a code that has
        expired or never existed) or `LimitExceeded`.
        """
        now = self.clock.now()
        cause = f"api#{new_id()}"
        known: list[UUID] = []

        def decide(staff: people.Staff | None) -> Outcome:
            known.extend([staff.id] if staff else [])
            subject = subject_of(staff.id if staff else None)
            return self.sign_in.code(company_id, phone, code, subject=subject, cause=cause, now=now)

        outcome = self._attempt(company_id, phone, "verification_code", decide=decide, origin=origin, now=now)
        if outcome.kind in (Kind.LOCKED, Kind.TOO_MANY_ATTEMPTS):
            raise _too_many(outcome)
        if outcome.kind is not Kind.VERIFIED:
            tries = f"{outcome.tries_left} tentativa{'s' if outcome.tries_left > 1 else ''}"
            raise WrongCode(f"O código não confere ou já expirou. Restam {tries}.")
        return known[0] if known else None

    def resend(self, company_id: UUID, phone: str, origin: Origin) -> None:
        """Sends another code if one was sent recently; does not tell whether it did. Raises `LimitExceeded`."""
        now = self.clock.now()
        cause = f"api#{new_id()}"

        def decide(_: people.Staff | None) -> Outcome:
            return self.sign_in.resend(company_id, phone, cause=cause, now=now)

        outcome = self._attempt(company_id, phone, "resend", decide=decide, origin=origin, now=now)
        if outcome.kind in (Kind.LOCKED, Kind.RESEND_TOO_SOON):
            raise _too_many(outcome)

    def _attempt(
        self,
        company_id: UUID,
        phone: str,
        method: str,
        *,
        decide: Callable[[people.Staff | None], Outcome],
        origin: Origin,
        now: datetime,
    ) -> Outcome:
        with self.database.tenant(company_id) as session:
            company = _company(session, company_id)
            staff = people.staff_of(session, company_id, phone) if company else None
        outcome = decide(staff)  # between the transactions: none is open during calls to DynamoDB
        with unit_of_work(self.database, self.publisher, company_id, now=now) as work:
            if company is not None:
                owner = sign_in_gate.PhoneOwner(company_id, phone, staff.id if staff else None)
                sign_in_gate.log_attempt(
                    work.session, work.outbox, owner, outcome, method=method, now=now, origin=origin
                )
                _after_attempt(work.session, work.outbox, owner.phone, outcome, company_name=company.name, now=now)
        sign_in_gate.count_attempt(self.count, outcome, method=method, now=now)
        return outcome


def phone_given(raw: str) -> str:
    """A phone as an API client types it. Raises `InvalidInput`."""
    try:
        return parse_phone(raw)
    except ValueError as error:
        message = "Informe um telefone válido, como +55 11 98765-4321."
        raise invalid_field("phone", message, "phone_invalid") from error


def _company(session: Session, company_id: UUID) -> tenancy.CompanyView | None:
    try:
        return tenancy.company(session, company_id)
    except NotFound:
        return None


def _after_attempt(
    session: Session, outbox: Outbox, phone: str, outcome: Outcome, *, company_name: str, now: datetime
) -> None:
    """Continues after a success: processes the held messages, or queues the new code."""
    if outcome.kind is Kind.VERIFIED:
        for channel_id in contacts.channels_with_held(session, outbox.company_id, phone):
            payload, group = verified_queue_message(str(outbox.company_id), str(channel_id), phone, now)
            outbox.send("inbound", payload, group_id=group)
    elif outcome.code is not None:
        channel = contacts.last_channel_of(session, outbox.company_id, phone)
        state = conversations.lock_by_phone(session, outbox.company_id, channel, phone) if channel else None
        if state is not None:
            sign_in_gate.queue_code(
                session, outbox, state, outcome.code, company_name=company_name, again=True, now=now
            )


def _too_many(outcome: Outcome) -> LimitExceeded:
    wait = outcome.wait_s or RESEND_GAP
    return LimitExceeded("Muitas tentativas para este telefone. Tente de novo mais tarde.", retry_after=wait)
