"""The unit of work of a request: in the caller's company, in another one, and on the platform's own rows."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from unittest.mock import create_autospec
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.db.engine import Database
from falachefe.db.outbox import QueueMessage, Taken
from falachefe.http.api import Api
from falachefe.http.principal import Principal
from falachefe.http.services import Services
from falachefe.http.unit_of_work import (
    RequestUnitOfWork,
    enter_company,
    platform_unit_of_work,
    request_unit_of_work,
)
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.errors import Conflict
from falachefe.kernel.ids import new_id
from tests.unit.http.test_api import event, uncounted

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


class Bus:
    def __init__(self) -> None:
        self.published: list[QueueMessage] = []

    def publish(self, queue_messages: Sequence[QueueMessage]) -> Sequence[UUID]:
        self.published += queue_messages
        return Taken(one.id for one in queue_messages)


class Shop:
    """An API whose one route does what it is given."""

    def __init__(self, database: Database, company_id: UUID) -> None:
        self.bus = Bus()
        self.who = Principal(new_id(), company_id, "superadmin", frozenset({"*"}), "s")
        self.services = create_autospec(Services, instance=True)
        self.services.database.return_value = database
        self.services.publisher.return_value = self.bus
        self.services.clock.return_value = FixedClock(NOW)
        self.api = Api("shop", self.services, authenticate=lambda _: self.who, meter=uncounted)
        self.act: Callable[[], Any] = lambda: None

        @self.api.get("/things", permission="things.read")
        def things() -> dict[str, str]:
            self.act()
            return {}

        self._handler = self.api.handler()

    def call(self, act: Callable[[], None]) -> int:
        self.act = act
        status: int = self._handler(event("GET", "/things"), None)["statusCode"]
        return status


@pytest.fixture
def shop(database: Database, company_id: UUID) -> Shop:
    return Shop(database, company_id)


def company_of(work: RequestUnitOfWork) -> str:
    found: str = work.session.scalar(text("select current_setting('app.company_id', true)")) or ""
    return found


def test_commits_in_the_caller_s_company_before_publishing(shop: Shop) -> None:
    def act() -> None:
        with request_unit_of_work(shop.api) as work:
            assert (work.who, work.actor.id, work.now) == (shop.who, shop.who.user_id, NOW)
            assert company_of(work) == str(shop.who.company_id)
            work.record("finance.transaction_created", {})
            assert (shop.api.committed, shop.bus.published) == (False, [])
        assert shop.api.committed

    assert shop.call(act) == 200
    assert [one.destination for one in shop.bus.published] == ["events"]


def test_read_only_unit_of_work_creates_no_publisher(shop: Shop) -> None:
    def act() -> None:
        with request_unit_of_work(shop.api) as work:
            company_of(work)

    assert shop.call(act) == 200
    shop.services.publisher.assert_not_called()


def test_failed_unit_of_work_publishes_nothing_and_is_not_committed(shop: Shop) -> None:
    def act() -> None:
        with request_unit_of_work(shop.api) as work:
            work.record("finance.transaction_created", {})
            raise Conflict("Não.")

    assert shop.call(act) == 409
    assert (shop.api.committed, shop.bus.published) == (False, [])


def test_in_another_company_the_caller_has_no_author_id(shop: Shop) -> None:
    other = new_id()

    def act() -> None:
        with request_unit_of_work(shop.api, other) as work:
            assert company_of(work) == str(other)
            assert (work.company_id, work.who.company_id, work.who.home) == (other, other, shop.who.company_id)
            assert work.who.author_id is None

    assert shop.call(act) == 200


def test_platform_unit_of_work_has_no_tenant_until_it_enters_the_caller_s(shop: Shop) -> None:
    def act() -> None:
        with platform_unit_of_work(shop.api) as work:
            assert company_of(work) == ""
            enter_company(work)
            assert company_of(work) == str(shop.who.company_id)
            work.record("tenancy.plan_changed", {})

    assert shop.call(act) == 200
    assert [one.company_id for one in shop.bus.published] == [shop.who.company_id]
