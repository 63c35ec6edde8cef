"""The inbound queue's use cases: a message, a status, a connection, a person who took over, a phone that signed in."""

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
from falachefe.db.statements import (
    Query,
    fetch,
    run,
)
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
    Entry,
    Gate,
    NotSignedIn,
    Seeking,
    may_talk,
)
from falachefe.messaging.inbound.stored_messages import Waiting, drop_too_old, release, store, store_answer
from falachefe.messaging.message_time import written_at
from falachefe.messaging.models import (
    Channel,
)
from falachefe.messaging.outbound.statuses import Report, apply_report
from falachefe.messaging.webhook.queue_messages import moment_of
from falachefe.messaging.webhook.receive import Count, Counted
from falachefe.phone_sign_in import people
from falachefe.phone_sign_in.rules import Kind, Outcome
from falachefe.phone_sign_in.service import SignIn, subject_of
from falachefe.plans import limits as plan_limits
from falachefe.plans.rules import month_of

NOTHING_WAITS: Final = "nothing_waits"
PLAN_LIMIT: Final = "plan_limit"
CHANNEL_DISABLED: Final = "channel_disabled"


@dataclass(frozen=True, slots=True)
class Where:
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
        """Processes one queue message of the queue and says what became of it. Safe to repeat at any point."""
        company_id, channel_id = UUID(queue_message["company_id"]), UUID(queue_message["channel_id"])
        now = self.clock.now()
        if queue_message["kind"] == "connection":
            return self._connection(company_id, channel_id, queue_message["message"]["state"])
        if queue_message["kind"] == "status":
            return self._status(queue_message, company_id, channel_id, deliveries)
        where = Where(company_id, channel_id, queue_message["phone"])
        if queue_message["kind"] == "message":
            result = self._message(where, queue_message, now)
        elif queue_message["kind"] == "takeover":
            result = self._takeover(where, queue_message, now)
        elif queue_message["kind"] == "unread":
            result = self._unread(where, queue_message["message"], now)
        elif queue_message["kind"] == "verified":
            result = self._verified(where, now)
        else:
            raise ValueError("the inbound queue holds a queue message of an unknown kind")
        self.count("whatsapp_inbound_total", now, kind=queue_message["kind"], result=result)
        return result

    def _message(self, where: Where, queue_message: Mapping[str, Any], now: datetime) -> str:
        entry = Entry(self.sign_in.subjects(where.company_id, where.phone, now))
        while True:
            try:
                result = self._received(where, queue_message, entry, now)
            except NotSignedIn as stranger:
                at = (where.company_id, where.channel_id, where.phone)
                ended = entry.ended(stranger.seeking.subject)
                asked = Gate(self.sign_in).ask(*at, queue_message["message"], stranger.seeking, ended=ended, now=now)
                entry = replace(entry, asked=asked)
                continue
            held = entry.asked is not None and not may_talk(entry.asked.outcome)
            if held and entry.lacks_some_of(self.sign_in.subjects(where.company_id, where.phone, self.clock.now())):
                # The code was given to the API meanwhile: what that let go on may not include what is kept by now.
                return self._verified(where, self.clock.now())
            return result

    def _received(self, where: Where, queue_message: Mapping[str, Any], entry: Entry, now: datetime) -> str:
        message = queue_message["message"]
        counted = Counted()
        with unit_of_work(self.database, self.publisher, where.company_id, now=now) as work:
            session, outbox = work.session, work.outbox
            company, staff, switched_off = _company_and_staff(session, where)
            if company is None:
                return "company_inactive"
            state, writer = _meet(session, where, staff, message, default_crew=self.crews.default_crew, now=now)
            wish = opt_out.wish_of(writer, message["text"])
            subject = subject_of(writer.user_id)
            # Someone without any permission proves their number once; staff does so every day.
            known = entry.holds(subject, staff) or (writer.user_id is None and writer.verified_at is not None)
            ahead = _Ahead.of(self.crews, state, company, now)
            silent = switched_off or company.status == "suspended"
            kept = silent or wish is not None
            at = written_at(queue_message, now)
            # A wish is done also during a suspension: nobody is told later that it was not.
            notes = _notes_on(message, unanswered=silent and wish is None and known and not switched_off)
            stored = store(session, state, message, notes, *ahead.queries, known=known, kept=kept, now=now, at=at)
            if stored is None:
                return "repeated"
            if wish is not None:
                opt_out.keep(session, outbox, state, writer, wish, silent=silent, now=now)
                result = f"opted_{wish}"
            elif silent:
                return CHANNEL_DISABLED if switched_off else COMPANY_SUSPENDED
            elif known:
                counted("whatsapp_auth_attempts_total", now, method="session", status="success")
                new = frozenset({stored.message.id})
                alone = Waiting([stored.message], new)
                waiting = release(session, state, new) if stored.behind_others else alone
                result = self._open(session, outbox, state, waiting, ahead, now=now)
            else:
                outcome = entry.outcome_for(Seeking.of(subject, staff))
                Gate.follow(session, outbox, state, message, outcome, company_name=company.name, count=counted, now=now)
                result = self._let_in(session, outbox, state, outcome, ahead, now=now)
        counted.tell(self.count)
        return result

    def _let_in(
        self,
        session: Session,
        outbox: Outbox,
        state: ConversationState,
        outcome: Outcome,
        ahead: "_Ahead",
        *,
        now: datetime,
    ) -> str:
        if not may_talk(outcome):
            return str(outcome.kind)
        result = self._open(session, outbox, state, release(session, state), ahead, now=now)
        if result == NOTHING_WAITS and outcome.kind is Kind.VERIFIED:
            conversations.queue_message(session, outbox, state, notices.VERIFIED, now=now)
        return result

    def _open(
        self,
        session: Session,
        outbox: Outbox,
        state: ConversationState,
        waiting: Waiting,
        ahead: "_Ahead",
        *,
        now: datetime,
    ) -> str:
        """Gives what waits in the conversation to the crew, unless a person is talking or the plan is used up.

        What was written while a person talked is theirs, also when it is read later; what is too old is said.
        """
        waiting, theirs = waiting.written_after(state.human_until)
        if theirs:
            skipped.set_aside(session, state.company_id, theirs)
            if not waiting.messages:
                return "human"
        if ahead.crew.works:
            waiting = drop_too_old(session, outbox, state, waiting, now)
        if waiting.new and ahead.allowance.result.is_spent:
            skipped.set_aside(session, state.company_id, waiting.new)
            plan_limit.tell(session, outbox, state, time_zone=ahead.time_zone, now=now)
            return PLAN_LIMIT
        month = month_of(now, ahead.time_zone)
        plan_limits.count_messages(session, state.company_id, state.id, month, len(waiting.new))
        mute = [one for one in waiting.messages if not one.text.strip()]
        if mute:
            skipped.set_aside(session, state.company_id, [one.id for one in mute])
            conversations.queue_message(session, outbox, state, notices.unreadable(mute[-1].kind), now=now)
        spoken = [one for one in waiting.messages if one.text.strip()]
        if not spoken:
            return "unreadable" if mute else NOTHING_WAITS
        return ahead.crew.open_or_join(
            session,
            outbox,
            state,
            conversations.texts_of(spoken),
            ahead.past.result,
            now=now,
            time_zone=ahead.time_zone,
            written_at=spoken[-1].written_at,
        )

    def _verified(self, where: Where, now: datetime) -> str:
        """The code was given to the API: what was kept goes on."""
        with unit_of_work(self.database, self.publisher, where.company_id, now=now) as work:
            session, outbox = work.session, work.outbox
            company = _active_company(session, where.company_id)
            state = conversations.lock_by_phone(session, where.company_id, where.channel_id, where.phone)
            if company is None or state is None:
                return NOTHING_WAITS
            ahead = _Ahead.of(self.crews, state, company, now)
            run(session, *ahead.queries)
            return self._open(session, outbox, state, release(session, state), ahead, now=now)

    def _unread(self, where: Where, message: Mapping[str, Any], now: datetime) -> str:
        """A message that the crew will not read: its sender hears of it."""
        with unit_of_work(self.database, self.publisher, where.company_id, now=now) as work:
            session, outbox = work.session, work.outbox
            company = _active_company(session, where.company_id)
            state = conversations.lock_by_phone(session, where.company_id, where.channel_id, where.phone)
            if company is None or state is None:
                return "unknown_sender"
            missed = message["provider_message_id"]
            return unread.tell(session, outbox, state, reason=message["reason"], provider_message_id=missed, now=now)

    # ---- a person of the company

    def _takeover(self, where: Where, queue_message: Mapping[str, Any], now: datetime) -> str:
        """Somebody answered from the company's own phone: what waits is theirs, and the crew is silent for a while."""
        with unit_of_work(self.database, self.publisher, where.company_id, now=now) as work:
            session, company = work.session, tenancy.company_query(where.company_id)
            talk = conversations.lock_by_phone_query(where.company_id, where.channel_id, where.phone)
            run(session, company, talk)
            state = talk.result
            if state is None or company.result is None:
                return "no_conversation"
            at = written_at(queue_message, now)
            if not store_answer(session, state, queue_message["message"], at):
                return "repeated"
            skipped.set_aside_waiting(session, where.company_id, state.id)
            until = at + takeover_of(company.result.settings)
            conversations.silence(session, where.company_id, state.id, until)
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


def _company_and_staff(session: Session, where: Where) -> tuple[tenancy.CompanyView | None, people.Staff | None, bool]:
    """The company unless it is closed (one that is suspended still gets its messages); whether the channel is off."""
    company, staff = tenancy.company_query(where.company_id), people.staff_query(where.company_id, where.phone)
    switched_off = is_disabled_query(where.company_id, where.channel_id)
    run(session, company, staff, switched_off)
    open_one = company.result if company.result is not None and company.result.status != "closed" else None
    return open_one, staff.result, switched_off.result


def _meet(
    session: Session,
    where: Where,
    staff: people.Staff | None,
    message: Mapping[str, Any],
    *,
    default_crew: DefaultCrew,
    now: datetime,
) -> tuple[ConversationState, contacts.Writer]:
    """The contact, marked as having written, and the conversation with it, locked."""
    name, user_id = (staff.name, staff.id) if staff else (message.get("sender_name"), None)
    number = message.get("written_from")
    writer = contacts.upsert_contact_query(
        where.company_id, where.phone, name=name, user_id=user_id, now=now, number=number
    )
    talk = conversations.lock_by_phone_query(where.company_id, where.channel_id, where.phone)
    run(session, writer, talk)
    known = writer.result
    state = talk.result or contacts.conversation_with(
        session,
        where.company_id,
        where.channel_id,
        where.phone,
        contact_id=known.id,
        default_crew=default_crew,
        now=now,
    )
    return state, known


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What opening a turn needs to know; read together with the writing of the message, which is none of it."""

    past: Query[list[PastMessage]]
    crew: ConversationCrew
    allowance: Query[plan_limits.Allowance]
    time_zone: str

    @classmethod
    def of(cls, crews: Crews, state: ConversationState, company: tenancy.CompanyView, now: datetime) -> "_Ahead":
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
