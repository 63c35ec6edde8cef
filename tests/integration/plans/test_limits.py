"""Plan limits on the real database, under concurrency."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from falachefe.accounts import user_limit
from falachefe.accounts.models import User
from falachefe.companies.models import Company
from falachefe.db.engine import Database, make_engine
from falachefe.kernel.errors import NotFound
from falachefe.kernel.ids import new_id
from falachefe.messaging.channels.registration import count_channels, register_channel
from falachefe.messaging.models import Channel
from falachefe.onboarding.staff import register_staff
from falachefe.plans import limits as plan_limits
from falachefe.plans.limits import PlanLimitReached
from falachefe.plans.models import MessageCount, Subscription
from falachefe.plans.rules import Limits
from infra.local.stack.postgres import PostgresAddress
from tests.integration.conftest import application_address

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
NOVEMBER = date(2026, 11, 1)
AT_ONCE = 8


@pytest.fixture(scope="module")
def many(superuser: Engine, postgres: PostgresAddress) -> Iterator[Database]:
    """As many connections as there are people who come at once."""
    made = Database(lambda: make_engine(application_address(postgres, "falachefe"), pool_size=AT_ONCE))
    yield made
    made.dispose()


@pytest.fixture
def free(database: Database) -> UUID:
    """A company that never subscribed to anything."""
    identifier = new_id()
    with database.tenant(identifier) as session:
        session.add(Company(id=identifier, name="Barraca da Lu"))
    return identifier


def subscribe(
    database: Database, company_id: UUID, plan: str, *, limits: dict[str, int | None] | None = None,
    ends_at: datetime | None = None, status: str = "active",
) -> None:  # fmt: skip
    values = {"plan_code": plan, "limits": limits or {}, "starts_at": NOW - timedelta(days=9), "ends_at": ends_at}
    with database.tenant(company_id) as session:
        session.add(Subscription(company_id=company_id, status=status, **values))


def add_user(session: Session, company_id: UUID) -> None:
    user_limit.check_user_limit(session, company_id, NOW)
    session.add(User(company_id=company_id, name="Ana"))
    session.flush()


def add_channel(session: Session, company_id: UUID) -> None:
    plan_limits.check_channels(session, company_id, NOW, count=count_channels)
    values = {"name": "Loja", "provider": "uaz", "phone": "+551140028922", "base_url": "", "secret_name": ""}
    session.add(Channel(company_id=company_id, **values))
    session.flush()


def at_once(many: Database, company_id: UUID, add: Callable[[Session, UUID], None]) -> list[str]:
    """What became of as many additions as there are connections."""
    barrier = Barrier(AT_ONCE)

    def one(_: int) -> str:
        barrier.wait()
        try:
            with many.tenant(company_id) as session:
                add(session, company_id)
        except PlanLimitReached:
            return "refused"
        return "added"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sorted(pool.map(one, range(AT_ONCE)))


def test_company_that_never_subscribed_has_the_free_plan(database: Database, free: UUID) -> None:
    with database.tenant(free) as session:
        plan = plan_limits.terms(session, free, NOW)

    assert (plan.code, plan.limits) == ("free", Limits(3, 1, 1_000))


def test_subscription_gives_its_plan_with_agreed_limits(database: Database, free: UUID) -> None:
    subscribe(database, free, "pro", limits={"users_limit": 40})
    with database.tenant(free) as session:
        plan = plan_limits.terms(session, free, NOW)

    assert (plan.code, plan.limits) == ("pro", Limits(40, 3, 20_000))


@pytest.mark.parametrize(("status", "ends_at"), [("active", NOW), ("canceled", None)])
def test_company_has_the_free_plan_after_its_subscription(
    database: Database, free: UUID, status: str, ends_at: datetime | None
) -> None:
    subscribe(database, free, "enterprise", status=status, ends_at=ends_at)
    with database.tenant(free) as session:
        assert plan_limits.terms(session, free, NOW).code == "free"


def test_terms_of_another_company_are_not_readable(database: Database, company_id: UUID, free: UUID) -> None:
    with database.tenant(free) as session, pytest.raises(NotFound):
        plan_limits.terms(session, company_id, NOW)


def test_concurrently_added_users_never_exceed_the_limit(database: Database, many: Database, free: UUID) -> None:
    outcomes = at_once(many, free, add_user)

    assert outcomes == ["added"] * 3 + ["refused"] * (AT_ONCE - 3)
    with database.tenant(free) as session:
        assert session.scalar(select(func.count()).select_from(User)) == 3


def test_concurrently_added_channels_never_exceed_the_limit(database: Database, many: Database, free: UUID) -> None:
    outcomes = at_once(many, free, add_channel)

    assert outcomes == ["added"] + ["refused"] * (AT_ONCE - 1)
    with database.tenant(free) as session:
        assert session.scalar(select(func.count()).select_from(Channel)) == 1


def test_unlimited_company_accepts_all_concurrent_additions(many: Database, company_id: UUID) -> None:
    assert at_once(many, company_id, add_user) == ["added"] * AT_ONCE


def test_deactivated_user_does_not_count(database: Database, free: UUID) -> None:
    for _ in range(3):
        with database.tenant(free) as session:
            add_user(session, free)
    with database.tenant(free) as session, pytest.raises(PlanLimitReached):
        add_user(session, free)
    with database.tenant(free) as session:
        one = session.scalars(select(User.id).limit(1)).one()
        session.execute(update(User).where(User.id == one).values(status="inactive"))
    with database.tenant(free) as session:
        add_user(session, free)


def test_error_names_the_plan_s_limit(database: Database, free: UUID) -> None:
    with database.tenant(free) as session:
        add_channel(session, free)
        with pytest.raises(PlanLimitReached) as refused:
            add_channel(session, free)

    assert (refused.value.status, refused.value.code) == (402, "plan_limit_reached")
    assert "O plano Grátis permite 1 canal de WhatsApp" in refused.value.detail


def test_api_channel_does_not_count(database: Database, free: UUID) -> None:
    with database.tenant(free) as session:
        session.add(Channel(company_id=free, name="API", provider="api", phone="", base_url="", secret_name=""))
        session.flush()
        add_channel(session, free)


def staff(database: Database, company_id: UUID, number: int) -> None:
    with database.tenant(company_id) as session:
        register_staff(session, company_id, name="Ana", phone=f"+551198765432{number}", role="user", now=NOW)


def channel(database: Database, company_id: UUID, channel_id: UUID) -> None:
    with database.tenant(company_id) as session:
        register_channel(
            session, company_id, channel_id=channel_id, name="Loja", provider="uaz", phone="+551140028922",
            base_url="http://127.0.0.1:9", secret_name="none", now=NOW,
        )  # fmt: skip


def test_staff_is_added_up_to_the_limit_and_updated_beyond(database: Database, free: UUID) -> None:
    for number in (1, 2, 3):
        staff(database, free, number)
    with pytest.raises(PlanLimitReached):
        staff(database, free, 4)
    staff(database, free, 3)


def test_channels_are_added_up_to_the_limit_and_updated_beyond(database: Database, free: UUID) -> None:
    first, second = new_id(), new_id()
    channel(database, free, first)
    channel(database, free, first)
    with pytest.raises(PlanLimitReached):
        channel(database, free, second)
    with database.tenant(free) as session:
        session.execute(update(Channel).values(status="disabled"))
    channel(database, free, second)
    with pytest.raises(PlanLimitReached):
        channel(database, free, first)


def test_first_subscription_is_created_once(database: Database, free: UUID) -> None:
    for plan in ("pro", "enterprise"):
        with database.tenant(free) as session:
            plan_limits.subscribe(session, free, plan, now=NOW)
            assert plan_limits.terms(session, free, NOW).code == "pro"


# ---- messages


def test_concurrent_messages_are_all_counted(database: Database, many: Database, free: UUID) -> None:
    conversations = [new_id() for _ in range(AT_ONCE)]

    def write(conversation: UUID) -> None:
        for _ in range(10):
            with many.tenant(free) as session:
                plan_limits.count_messages(session, free, conversation, NOVEMBER, 1)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(write, conversations))

    with database.tenant(free) as session:
        assert plan_limits.allowance(session, free, time_zone="America/Sao_Paulo", now=NOW).used == 10 * AT_ONCE
        shards = session.scalar(select(func.count()).select_from(MessageCount))
        assert shards == len({conversation.int % 16 for conversation in conversations})


def test_message_limit_is_reached_and_reset_with_the_next_month(database: Database, free: UUID) -> None:
    with database.tenant(free) as session:
        plan_limits.count_messages(session, free, new_id(), NOVEMBER, 999)
        before = plan_limits.allowance(session, free, time_zone="America/Sao_Paulo", now=NOW)
        plan_limits.count_messages(session, free, new_id(), NOVEMBER, 1)
        after = plan_limits.allowance(session, free, time_zone="America/Sao_Paulo", now=NOW)
        december = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
        then = plan_limits.allowance(session, free, time_zone="America/Sao_Paulo", now=december)

    assert [(one.used, one.is_spent) for one in (before, after, then)] == [(999, False), (1_000, True), (0, False)]
    detail = plan_limits.spent(after, NOW, "America/Sao_Paulo").detail
    assert "1.000 mensagens por mês" in detail
    assert "1º de dezembro" in detail


def test_rolled_back_messages_are_not_counted(database: Database, free: UUID) -> None:
    with database.tenant(free) as session:
        plan_limits.count_messages(session, free, new_id(), NOVEMBER, 5)
        assert plan_limits.allowance(session, free, time_zone="America/Sao_Paulo", now=NOW).used == 5
        session.rollback()
    with database.tenant(free) as session:
        assert plan_limits.allowance(session, free, time_zone="America/Sao_Paulo", now=NOW).used == 0
