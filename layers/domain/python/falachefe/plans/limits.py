"""Enforces a plan's limits on users, channels and messages.

Users and channels are counted under the company's lock, so that their limits are exact. Messages are counted without a
lock: those received concurrently with the last allowed one are accepted too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import BigInteger, Insert, Integer, Select, Table, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.companies.models import Company
from falachefe.db.statements import (
    Query,
    defer,
    fetch,
    prepared,
)
from falachefe.kernel.brazil import MONTHS
from falachefe.kernel.errors import DomainError, NotFound
from falachefe.kernel.ids import new_id
from falachefe.plans import rules
from falachefe.plans.models import MessageCount, Plan, Subscription
from falachefe.plans.rules import Limits, PlanTerms, SubscriptionFacts


class PlanLimitReached(DomainError):
    """The company has reached a limit of its plan."""

    status = 402
    default_code = "plan_limit_reached"
    title = "Limite do plano atingido"


type Count = Callable[[Session, UUID], int]
"""Counts something of a company; passed in by the package that owns the rows."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """The number of messages received in the month, and the plan that limits it."""

    plan: PlanTerms
    used: int

    @property
    def is_spent(self) -> bool:
        return not rules.has_room(self.plan.limits.messages, self.used)


def subscribe(session: Session, company_id: UUID, plan_code: str, *, now: datetime) -> None:
    """Creates a company's first subscription; does nothing if it has a current one."""
    values = {"company_id": company_id, "id": new_id(), "plan_code": plan_code, "starts_at": now}
    session.execute(upsert(Subscription).values(**values).on_conflict_do_nothing())


# ---- users and channels


def terms(session: Session, company_id: UUID, now: datetime) -> PlanTerms:
    """What the company may have at this moment. Raises `NotFound` when it is not the transaction's."""
    return fetch(session, terms_query(company_id, now))


def terms_query(company_id: UUID, now: datetime) -> Query[PlanTerms]:
    return _terms.read(lambda rows: _terms_in(rows, now), company_id=company_id)


def check_users(session: Session, company_id: UUID, now: datetime, *, count: Count) -> None:
    """Raises `PlanLimitReached` when the company may have no further active user.

    To be called before the user is created or activated, in the same transaction. `count` runs under the company's
    lock, so that it sees users added by concurrent transactions.
    """
    plan = _locked_terms(session, company_id, now)
    used = count(session, company_id)
    if not rules.has_room(plan.limits.users, used):
        allowed = _so_many(plan.limits.users, "usuário ativo", "usuários ativos")
        raise PlanLimitReached(
            f"O plano {plan.name} permite {allowed}, e a empresa já tem {used}. Desative alguém ou mude de plano."
        )


def check_channels(session: Session, company_id: UUID, now: datetime, *, count: Count) -> None:
    """Raises `PlanLimitReached` when the company may have no further channel; as `check_users` otherwise."""
    plan = _locked_terms(session, company_id, now)
    used = count(session, company_id)
    if not rules.has_room(plan.limits.channels, used):
        allowed = _so_many(plan.limits.channels, "canal de WhatsApp", "canais de WhatsApp")
        raise PlanLimitReached(
            f"O plano {plan.name} permite {allowed}, e a empresa já tem {used}. Desative um canal ou mude de plano."
        )


def _locked_terms(session: Session, company_id: UUID, now: datetime) -> PlanTerms:
    """The plan, read under the company's lock, which does not block foreign keys to the company."""
    session.execute(select(Company.id).where(Company.id == company_id).with_for_update(key_share=True))
    return terms(session, company_id, now)


def _so_many(limit: int | None, one: str, many: str) -> str:
    return f"{limit} {one if limit == 1 else many}"


# ---- messages


def allowance_query(company_id: UUID, month: date, now: datetime) -> Query[Allowance]:
    """What is left of the month, in one statement."""

    def read(rows: list[Any]) -> Allowance:
        return Allowance(_terms_in(rows, now), int(rows[0].used))

    return _allowance.read(read, company_id=company_id, month=month)


def allowance(session: Session, company_id: UUID, *, time_zone: str, now: datetime) -> Allowance:
    return fetch(session, allowance_query(company_id, rules.month_of(now, time_zone), now))


def count_messages(session: Session, company_id: UUID, conversation_id: UUID, month: date, messages: int) -> None:
    """Adds to the month's count; sent with the transaction's next statement or its commit."""
    if messages:
        values = {"company_id": company_id, "id": new_id(), "month": month, "messages": messages}
        defer(session, _count(shard=rules.shard_of(conversation_id), **values))


def spent(allowance: Allowance, now: datetime, time_zone: str) -> PlanLimitReached:
    """The error for a message beyond the month's limit."""
    limit = allowance.plan.limits.messages or 0
    number = f"{limit:,}".replace(",", ".")
    allowed = f"{number} {'mensagem' if limit == 1 else 'mensagens'} por mês"
    return PlanLimitReached(
        f"O plano {allowance.plan.name} permite {allowed}, e não sobrou nenhuma neste mês. "
        f"O atendimento volta em {day_in_words(month_after(now, time_zone))} ou com um plano maior."
    )


def month_after(now: datetime, time_zone: str) -> date:
    """The first day of the company's next month, when its messages are counted from zero."""
    month = rules.month_of(now, time_zone)
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def day_in_words(day: date) -> str:
    return f"{'1º' if day.day == 1 else day.day} de {MONTHS[day.month - 1]}"


# ---- statements


def _terms_in(rows: list[Any], now: datetime) -> PlanTerms:
    if not rows:
        raise NotFound("Empresa não encontrada.", code="company_not_found")
    [row] = rows
    free = PlanTerms(rules.FREE, row.free_name, Limits(row.free_users, row.free_channels, row.free_messages))
    if row.code is None:
        return free
    plan = PlanTerms(row.code, row.name, Limits(row.users, row.channels, row.messages))
    facts = SubscriptionFacts(row.status, row.limits, row.starts_at, row.ends_at)
    return rules.terms_of(plan, facts, free, now)


def _terms_of_company() -> Select[Any]:
    """The current subscription with its plan, if there is one, and the free plan."""
    company, subscription = cast(Table, Company.__table__), cast(Table, Subscription.__table__)
    plan, free = cast(Table, Plan.__table__).alias("plan"), cast(Table, Plan.__table__).alias("free")
    own, base = plan.c, free.c
    return (
        select(
            own.code,
            own.name,
            own.users_limit.label("users"),
            own.channels_limit.label("channels"),
            own.messages_limit.label("messages"),
            base.name.label("free_name"),
            base.users_limit.label("free_users"),
            base.channels_limit.label("free_channels"),
            base.messages_limit.label("free_messages"),
            subscription.c.status,
            subscription.c.limits,
            subscription.c.starts_at,
            subscription.c.ends_at,
        )
        .select_from(company)
        .join(free, base.code == rules.FREE)
        .outerjoin(
            subscription,
            and_(
                subscription.c.company_id == company.c.id,
                subscription.c.status != "canceled",
                subscription.c.deleted_at.is_(None),
            ),
        )
        .outerjoin(plan, own.code == subscription.c.plan_code)
        .where(company.c.id == bindparam("company_id"))
    )


@prepared
def _terms() -> Select[Any]:
    return _terms_of_company()


@prepared
def _allowance() -> Select[Any]:
    counted = cast(Table, MessageCount.__table__).c
    used = (
        select(func.coalesce(func.sum(counted.messages), 0))
        .where(counted.company_id == bindparam("company_id"), counted.month == bindparam("month"))
        .scalar_subquery()
    )
    return _terms_of_company().add_columns(used.label("used"))


@prepared
def _count() -> Insert:
    counts = cast(Table, MessageCount.__table__)
    statement = upsert(counts).values(
        company_id=bindparam("company_id"),
        id=bindparam("id"),
        month=bindparam("month"),
        shard=bindparam("shard", type_=Integer()),
        messages=bindparam("messages", type_=BigInteger()),
    )
    return statement.on_conflict_do_update(
        index_elements=["company_id", "month", "shard"],
        set_={"messages": counts.c.messages + statement.excluded.messages, "updated_at": func.now()},
    )
