"""Processing the inbound queue: messages, statuses, connections, takeovers, and phones that signed in over the API."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from falachefe.companies import service as tenancy
from falachefe.companies.rules import takeover_of
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox, Publisher
from falachefe.db.statements import Query, fetch, run
from falachefe.db.unit_of_work import unit_of_work
from falachefe.kernel.clock import Clock
from falachefe.messaging import notices
from falachefe.messaging.channels.registration import is_disabled_query
from falachefe.messaging.conversations import contacts, skipped
from falachefe.messaging.conversations import service as conversations
from falachefe.messaging.conversations.contacts import DefaultCrew
from falachefe.messaging.conversations.service import (
    ConversationState,
    PastMessage,
)
from falachefe.messaging.conversations.skipped import COMPANY_SUSPENDED
from falachefe.messaging.inbound import opt_out, plan_limit, unread
from falachefe.messaging.inbound.crew_port import ConversationCrew, Crews
from falachefe.messaging.inbound.sign_in_gate import (
    SignInGate,
    SignInRequired,
    SignInState,
    SignInSubject,
    is_signed_in,
)
from falachefe.messaging.inbound.stored_messages import Waiting, drop_too_old, release, store, store_answer
from falachefe.messaging.message_time import written_at
from falachefe.messaging.models import (
    Channel,
)
from falachefe.messaging.outbound.statuses import Report, apply_report
from falachefe.messaging.webhook.queue_messages import moment_of
from falachefe.messaging.webhook.receive import BufferedCounts, Count
from falachefe.phone_sign_in import people
from falachefe.phone_sign_in.rules import Kind, Outcome
from falachefe.phone_sign_in.service import SignIn, subject_of
from falachefe.plans import limits as plan_limits
from falachefe.plans.rules import month_of

NOTHING_WAITS: Final = "nothing_waits"
PLAN_LIMIT: Final = "plan_limit"
CHANNEL_DISABLED: Final = "channel_disabled"


@dataclass(frozen=True, slots=True)
class SenderAddress:
    company_id: UUID
    channel_id: UUID
    phone: str


@dataclass(frozen=True, slots=True)
class Inbound:
    database: Database
    publisher: Publisher
    sign_in: SignIn
    clock: Clock
    count: Count
    crews: Crews

    def __call__(self, queue_message: Mapping[str, Any], deliveries: int = 1) -> str:
        """Processes one queue message; returns the result for the metrics. Safe to repeat at any point."""
        company_id, channel_id = UUID(queue_message["company_id"]), UUID(queue_message["channel_id"])
        now = self.clock.now()
        if queue_message["kind"] == "connection":
            return self._connection(company_id, channel_id, queue_message["message"]["state"])
        if queue_message["kind"] == "status":
            return self._status(queue_message, company_id, channel_id, deliveries)
        address = SenderAddress(company_id, channel_id, queue_message["phone"])
        if queue_message["kind"] == "message":
            result = self._message(address, queue_message, now)
        elif queue_message["kind"] == "takeover":
            result = self._takeover(address, queue_message, now)
        elif queue_message["kind"] == "unread":
            result = self._unread(address, queue_message["message"], now)
        elif queue_message["kind"] == "verified":
            result = self._verified(address, now)
        else:
            raise ValueError("unknown kind of queue message")
        self.count("whatsapp_inbound_total", now, kind=queue_message["kind"], result=result)
        return result

    def _message(self, address: SenderAddress, queue_message: Mapping[str, Any], now: datetime) -> str:
        sign_in_state = SignInState(self.sign_in.subjects(address.company_id, address.phone, now))
        while True:
            try:
                result = self._received(address, queue_message, sign_in_state, now)
            except SignInRequired as required:
                at = (address.company_id, address.channel_id, address.phone)
                ended = sign_in_state.ended_sessions(required.sender.subject)
                sign_in_result = SignInGate(self.sign_in).check(
                    *at, queue_message["message"], required.sender, ended=ended, now=now
                )
                sign_in_state = replace(sign_in_state, result=sign_in_result)
                continue
            held = sign_in_state.result is not None and not is_signed_in(sign_in_state.result.outcome)
            if held and sign_in_state.has_new_session(
                self.sign_in.subjects(address.company_id, address.phone, self.clock.now())
            ):
                # The code was given to the API meanwhile, perhaps before this message was stored as held.
                return self._verified(address, self.clock.now())
            return result

    def _received(
        self, address: SenderAddress, queue_message: Mapping[str, Any], sign_in_state: SignInState, now: datetime
    ) -> str:
        message = queue_message["message"]
        counted = BufferedCounts()
        with unit_of_work(self.database, self.publisher, address.company_id, now=now) as work:
            session, outbox = work.session, work.outbox
            company, staff, disabled = _company_and_staff(session, address)
            if company is None:
                return "company_inactive"
            state, contact = _contact_and_conversation(
                session, address, staff, message, default_crew=self.crews.default_crew, now=now
            )
            change = opt_out.requested_change(contact, message["text"])
            subject = subject_of(contact.user_id)
            # Contacts who are not staff prove their number once; staff sign in every day.
            known = sign_in_state.has_session(subject, staff) or (
                contact.user_id is None and contact.verified_at is not None
            )
            context = _TurnContext.of(self.crews, state, company, now)
            silent = disabled or company.status == "suspended"
            kept = silent or change is not None
            at = written_at(queue_message, now)
            # An opt-out is applied during a suspension too, so it gets no notice later that it was not acted on.
            notes = _notes_on(message, unanswered=silent and change is None and known and not disabled)
            stored = store(session, state, message, notes, *context.queries, known=known, kept=kept, now=now, at=at)
            if stored is None:
                return "repeated"
            if change is not None:
                opt_out.apply(session, outbox, state, contact, change, silent=silent, now=now)
                result = f"opted_{change}"
            elif silent:
                return CHANNEL_DISABLED if disabled else COMPANY_SUSPENDED
            elif known:
                counted("whatsapp_auth_attempts_total", now, method="session", status="success")
                new = frozenset({stored.message.id})
                alone = Waiting([stored.message], new)
                waiting = release(session, state, new) if stored.behind_others else alone
                result = self._pass_to_crew(session, outbox, state, waiting, context, now=now)
            else:
                outcome = sign_in_state.outcome_for(SignInSubject.of(subject, staff))
                SignInGate.apply_outcome(
                    session, outbox, state, message, outcome, company_name=company.name, count=counted, now=now
                )
                result = self._after_sign_in(session, outbox, state, outcome, context, now=now)
        counted.flush(self.count)
        return result

    def _after_sign_in(
        self,
        session: Session,
        outbox: Outbox,
        state: ConversationState,
        outcome: Outcome,
        context: "_TurnContext",
        *,
        now: datetime,
    ) -> str:
        if not is_signed_in(outcome):
            return str(outcome.kind)
        result = self._pass_to_crew(session, outbox, state, release(session, state), context, now=now)
        if result == NOTHING_WAITS and outcome.kind is Kind.VERIFIED:
            conversations.queue_message(session, outbox, state, notices.VERIFIED, now=now)
        return result

    def _pass_to_crew(
        self,
        session: Session,
        outbox: Outbox,
        state: ConversationState,
        waiting: Waiting,
        context: "_TurnContext",
        *,
        now: datetime,
    ) -> str:
        """Passes the waiting messages to the crew, unless the plan is used up or a person took over.

        Messages written during a takeover are left to that person, also when they are processed later. Those that are
        too old are set aside with a notice.
        """
        waiting, theirs = waiting.written_after(state.human_until)
        if theirs:
            skipped.set_aside(session, state.company_id, theirs)
            if not waiting.messages:
                return "human"
        if context.crew.works:
            waiting = drop_too_old(session, outbox, state, waiting, now)
        if waiting.new and context.allowance.result.is_spent:
            skipped.set_aside(session, state.company_id, waiting.new)
            plan_limit.notify(session, outbox, state, time_zone=context.time_zone, now=now)
            return PLAN_LIMIT
        month = month_of(now, context.time_zone)
        plan_limits.count_messages(session, state.company_id, state.id, month, len(waiting.new))
        without_text = [one for one in waiting.messages if not one.text.strip()]
        if without_text:
            skipped.set_aside(session, state.company_id, [one.id for one in without_text])
            conversations.queue_message(session, outbox, state, notices.unreadable(without_text[-1].kind), now=now)
        with_text = [one for one in waiting.messages if one.text.strip()]
        if not with_text:
            return "unreadable" if without_text else NOTHING_WAITS
        return context.crew.open_or_join(
            session,
            outbox,
            state,
            conversations.texts_of(with_text),
            context.past.result,
            now=now,
            time_zone=context.time_zone,
            written_at=with_text[-1].written_at,
        )

    def _verified(self, address: SenderAddress, now: datetime) -> str:
        """The code was given to the API: processes the held messages."""
        with unit_of_work(self.database, self.publisher, address.company_id, now=now) as work:
            session, outbox = work.session, work.outbox
            company = _active_company(session, address.company_id)
            state = conversations.lock_by_phone(session, address.company_id, address.channel_id, address.phone)
            if company is None or state is None:
                return NOTHING_WAITS
            context = _TurnContext.of(self.crews, state, company, now)
            run(session, *context.queries)
            return self._pass_to_crew(session, outbox, state, release(session, state), context, now=now)

    def _unread(self, address: SenderAddress, message: Mapping[str, Any], now: datetime) -> str:
        """Sends a notice to the sender of a message that the crew will not read."""
        with unit_of_work(self.database, self.publisher, address.company_id, now=now) as work:
            session, outbox = work.session, work.outbox
            company = _active_company(session, address.company_id)
            state = conversations.lock_by_phone(session, address.company_id, address.channel_id, address.phone)
            if company is None or state is None:
                return "unknown_sender"
            missed = message["provider_message_id"]
            return unread.notify(session, outbox, state, reason=message["reason"], provider_message_id=missed, now=now)

    # ---- a person of the company

    def _takeover(self, address: SenderAddress, queue_message: Mapping[str, Any], now: datetime) -> str:
        """Somebody answered from the company's phone: waiting messages are left to them, and the crew stays silent."""
        with unit_of_work(self.database, self.publisher, address.company_id, now=now) as work:
            session, company = work.session, tenancy.company_query(address.company_id)
            talk = conversations.lock_by_phone_query(address.company_id, address.channel_id, address.phone)
            run(session, company, talk)
            state = talk.result
            if state is None or company.result is None:
                return "no_conversation"
            at = written_at(queue_message, now)
            if not store_answer(session, state, queue_message["message"], at):
                return "repeated"
            skipped.set_aside_waiting(session, address.company_id, state.id)
            until = at + takeover_of(company.result.settings)
            conversations.silence(session, address.company_id, state.id, until)
            work.record("whatsapp.human_took_over", {"conversation_id": str(state.id)})
        return "human"

    # ---- statuses and connections

    def _status(self, queue_message: Mapping[str, Any], company_id: UUID, channel_id: UUID, deliveries: int) -> str:
        message = queue_message["message"]
        report = Report(
            provider_message_ids=tuple(message["provider_message_ids"]),
            state=message["state"],
            at=moment_of(message["provider_at"]),
            track_id=message.get("track_id"),
            phone=queue_message.get("phone"),
        )
        now = self.clock.now()
        with unit_of_work(self.database, self.publisher, company_id, now=now) as work:
            result = apply_report(work.session, work.outbox, channel_id, report, deliveries=deliveries, now=now)
        self.count("whatsapp_status_total", now, state=report.state, result=result)
        return result

    def _connection(self, company_id: UUID, channel_id: UUID, state: str) -> str:
        with self.database.tenant(company_id) as session:
            session.execute(
                update(Channel)
                .where(Channel.company_id == company_id, Channel.id == channel_id, Channel.status != "disabled")
                .values(status=state)
                .execution_options(synchronize_session=False)
            )
        self.count("whatsapp_connection_total", self.clock.now(), state=state)
        return "connection"


def _active_company(session: Session, company_id: UUID) -> tenancy.CompanyView | None:
    company = fetch(session, tenancy.company_query(company_id))
    return company if company is not None and company.status == "active" else None


def _company_and_staff(
    session: Session, address: SenderAddress
) -> tuple[tenancy.CompanyView | None, people.Staff | None, bool]:
    """The company unless it is closed (a suspended one stores messages), staff, whether the channel is disabled."""
    company, staff = tenancy.company_query(address.company_id), people.staff_query(address.company_id, address.phone)
    disabled = is_disabled_query(address.company_id, address.channel_id)
    run(session, company, staff, disabled)
    open_one = company.result if company.result is not None and company.result.status != "closed" else None
    return open_one, staff.result, disabled.result


def _contact_and_conversation(
    session: Session,
    address: SenderAddress,
    staff: people.Staff | None,
    message: Mapping[str, Any],
    *,
    default_crew: DefaultCrew,
    now: datetime,
) -> tuple[ConversationState, contacts.ContactState]:
    """The contact, with the time of its last message updated, and its conversation, locked."""
    name, user_id = (staff.name, staff.id) if staff else (message.get("sender_name"), None)
    number = message.get("written_from")
    contact = contacts.upsert_contact_query(
        address.company_id, address.phone, name=name, user_id=user_id, now=now, number=number
    )
    talk = conversations.lock_by_phone_query(address.company_id, address.channel_id, address.phone)
    run(session, contact, talk)
    known = contact.result
    state = talk.result or contacts.conversation_with(
        session,
        address.company_id,
        address.channel_id,
        address.phone,
        contact_id=known.id,
        default_crew=default_crew,
        now=now,
    )
    return state, known


@dataclass(frozen=True, slots=True)
class _TurnContext:
    """What opening a turn needs; read in the round trip that stores the message, which is not part of it."""

    past: Query[list[PastMessage]]
    crew: ConversationCrew
    allowance: Query[plan_limits.Allowance]
    time_zone: str

    @classmethod
    def of(cls, crews: Crews, state: ConversationState, company: tenancy.CompanyView, now: datetime) -> "_TurnContext":
        month = month_of(now, company.time_zone)
        return cls(
            conversations.history_query(state.company_id, state.id, before_task=None),
            crews.of_conversation(state.company_id, state.crew_id),
            plan_limits.allowance_query(state.company_id, month, now),
            company.time_zone,
        )

    @property
    def queries(self) -> tuple[Query[Any], ...]:
        return self.past, self.crew.query, self.allowance


def _notes_on(message: Mapping[str, Any], *, unanswered: bool) -> dict[str, str]:
    button = {"button_id": message["button_id"]} if message.get("button_id") else {}
    return button | ({skipped.UNANSWERED: skipped.COMPANY_SUSPENDED} if unanswered else {})
