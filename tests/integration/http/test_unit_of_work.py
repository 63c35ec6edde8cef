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


class RequestHarness:
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
def harness(database: Database, company_id: UUID) -> RequestHarness:
    return RequestHarness(database, company_id)


def company_of(work: RequestUnitOfWork) -> str:
    found: str = work.session.scalar(text("select current_setting('app.company_id', true)")) or ""
    return found


def test_commits_in_the_caller_s_company_before_publishing(harness: RequestHarness) -> None:
    def act() -> None:
        with request_unit_of_work(harness.api) as work:
            assert (work.who, work.actor.id, work.now) == (harness.who, harness.who.user_id, NOW)
            assert company_of(work) == str(harness.who.company_id)
            work.record("finance.transaction_created", {})
            assert (harness.api.committed, harness.bus.published) == (False, [])
        assert harness.api.committed

    assert harness.call(act) == 200
    assert [one.destination for one in harness.bus.published] == ["events"]


def test_read_only_unit_of_work_creates_no_publisher(harness: RequestHarness) -> None:
    def act() -> None:
        with request_unit_of_work(harness.api) as work:
            company_of(work)

    assert harness.call(act) == 200
    harness.services.publisher.assert_not_called()


def test_failed_unit_of_work_publishes_nothing_and_is_not_committed(harness: RequestHarness) -> None:
    def act() -> None:
        with request_unit_of_work(harness.api) as work:
            work.record("finance.transaction_created", {})
            raise Conflict("Não.")

    assert harness.call(act) == 409
    assert (harness.api.committed, harness.bus.published) == (False, [])


def test_in_another_company_the_caller_has_no_author_id(harness: RequestHarness) -> None:
    other = new_id()

    def act() -> None:
        with request_unit_of_work(harness.api, other) as work:
            assert company_of(work) == str(other)
            assert (work.company_id, work.who.company_id, work.who.home) == (other, other, harness.who.company_id)
            assert work.who.author_id is None

    assert harness.call(act) == 200


def test_platform_unit_of_work_has_no_tenant_until_it_enters_the_caller_s(harness: RequestHarness) -> None:
    def act() -> None:
        with platform_unit_of_work(harness.api) as work:
            assert company_of(work) == ""
            enter_company(work)
            assert company_of(work) == str(harness.who.company_id)
            work.record("tenancy.plan_changed", {})

    assert harness.call(act) == 200
    assert [one.company_id for one in harness.bus.published] == [harness.who.company_id]
