"""Concurrent changes and repeated requests: one wins, one is carried out."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Semaphore
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox
from falachefe.finance.schemas import SupplierIn
from falachefe.finance.suppliers import SUPPLIERS
from falachefe.http.principal import Principal
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.actors import Actor
from falachefe.kernel.errors import Conflict, Unavailable
from falachefe.kernel.ids import new_id
from falachefe.resources import crud
from falachefe.resources.idempotency import Answer, Request, once
from falachefe.resources.preconditions import PreconditionFailed
from tests.integration.aws.atomic import AtomicTable
from tests.integration.aws_fixtures import NOW

CALLERS = 8


def at_once[T](action: Callable[[int], T]) -> list[T]:
    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(action, range(CALLERS)))


@pytest.fixture
def who(company_id: UUID) -> Principal:
    return Principal(new_id(), company_id, "admin", frozenset({"*"}), "s")


def in_work[T](database: Database, who: Principal, action: Callable[[RequestUnitOfWork], T]) -> T:
    with database.tenant(who.company_id) as session:
        return action(RequestUnitOfWork(session, Outbox(who.company_id), Actor("user", who.user_id), NOW, who))


def test_of_concurrent_changes_to_a_version_one_succeeds(database: Database, who: Principal) -> None:
    made = in_work(database, who, lambda work: crud.create(work, SUPPLIERS, SupplierIn(name="Atacado")))

    def change(number: int) -> bool:
        patch = SUPPLIERS.update.model_validate({"notes": f"de {number}"})
        try:
            in_work(database, who, lambda work: crud.update(work, SUPPLIERS, UUID(made["id"]), patch, '"1"'))
        except PreconditionFailed:
            return False
        return True

    assert Counter(at_once(change)) == {True: 1, False: CALLERS - 1}
    assert in_work(database, who, lambda work: crud.get(work, SUPPLIERS, UUID(made["id"])))["version"] == 2
    with database.tenant(who.company_id) as session:
        assert session.execute(text("select count(*) from audit_logs where action = 'update'")).scalar_one() == 1


def test_unique_name_is_given_once_under_concurrency(database: Database, who: Principal) -> None:
    def add(_: int) -> bool:
        try:
            in_work(database, who, lambda work: crud.create(work, SUPPLIERS, SupplierIn(name="Atacado")))
        except Conflict:
            return False
        return True

    assert Counter(at_once(add)) == {True: 1, False: CALLERS - 1}


def test_deadlock_asks_one_request_to_retry(database: Database, who: Principal) -> None:
    def add(name: str) -> UUID:
        made = in_work(database, who, lambda work: crud.create(work, SUPPLIERS, SupplierIn(name=name)))
        return UUID(made["id"])

    rows = [add("Atacado"), add("Varejo")]
    both_hold_one = Barrier(2, timeout=30)

    def delete_all(order: Sequence[UUID]) -> str:
        def action(work: RequestUnitOfWork) -> str:
            crud.delete(work, SUPPLIERS, order[0], None)
            both_hold_one.wait()
            crud.delete(work, SUPPLIERS, order[1], None)
            return "done"

        try:
            return in_work(database, who, action)
        except Unavailable as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(delete_all, (rows, rows[::-1])))

    assert sorted(outcomes) == ["done", "unavailable"]


@pytest.mark.usefixtures("aws")
def test_concurrent_repetitions_are_carried_out_once(who: Principal) -> None:
    done: list[int] = []
    request = Request(who, "POST /suppliers", "k", "{}")
    table = AtomicTable(client("dynamodb"), runtime.table("LIMITS_TABLE").name)
    together, refused = Barrier(CALLERS, timeout=30), Semaphore(0)

    def action() -> Answer:
        done.append(1)
        for _ in range(CALLERS - 1):  # under way until all the others have been refused
            assert refused.acquire(timeout=30)
        return Answer(201, "{}", {})

    def send(_: int) -> Any:
        together.wait()
        try:
            return once(lambda: table, request, NOW, action).status
        except Conflict as error:
            refused.release()
            return error.code

    assert Counter(at_once(send)) == {201: 1, "request_in_flight": CALLERS - 1}
    assert len(done) == 1
    again = once(lambda: table, request, NOW, action)
    assert (again.status, again.replayed, len(done)) == (201, True, 1)
