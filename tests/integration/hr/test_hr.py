from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from falachefe.accounts.models import User
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox
from falachefe.hr import service
from falachefe.hr.service import EmployeeView, TimeOffView
from falachefe.kernel.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from falachefe.kernel.ids import new_id

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)


@pytest.fixture
def session(database: Database, company_id: UUID) -> Iterator[Session]:
    with database.tenant(company_id) as opened:
        yield opened


def hire(session: Session, company_id: UUID, name: str, **more: Any) -> EmployeeView:
    options: dict[str, Any] = {"position": "Atendente", "hired_on": TODAY, "now": NOW} | more
    return service.add_employee(session, company_id, name=name, **options)


def staff(session: Session, company_id: UUID, name: str) -> UUID:
    user_id = new_id()
    session.execute(insert(User).values(company_id=company_id, id=user_id, name=name))
    return user_id


def linked(session: Session, company_id: UUID, name: str) -> UUID:
    """An employee with a user of their own; returns the user."""
    user_id = staff(session, company_id, name)
    hire(session, company_id, name, user_id=user_id)
    return user_id


def ask(session: Session, company_id: UUID, start: date, end: date, **more: Any) -> TimeOffView:
    options: dict[str, Any] = {
        "employee_name": None,
        "user_id": None,
        "may_act_for_others": False,
        "today": TODAY,
        "now": NOW,
    }
    return service.request_time_off(session, company_id, start=start, end=end, **options | more)


def miss(session: Session, company_id: UUID, name: str, day: date, reason: str | None = None) -> TimeOffView:
    return service.register_absence(
        session, company_id, employee_name=name, day=day, reason=reason, registered_by=None, today=TODAY, now=NOW
    )


def test_salaries_are_shown_only_to_those_who_may_change_them(session: Session, company_id: UUID) -> None:
    hire(session, company_id, "Ana Souza", salary=Decimal("2500"))

    assert [e.salary for e in service.list_employees(session, company_id)] == [None]
    assert [e.salary for e in service.list_employees(session, company_id, with_salary=True)] == [Decimal(2500)]


def test_an_employee_is_not_registered_twice(session: Session, company_id: UUID) -> None:
    hire(session, company_id, "João da Silva")

    with pytest.raises(Conflict) as refused:
        hire(session, company_id, "joao  da silva")

    assert refused.value.code == "employee_exists"


def test_an_ambiguous_name_is_refused_with_the_matching_names(session: Session, company_id: UUID) -> None:
    for name in ("Maria Lima", "Maria Souza", "Márcia Alves"):
        hire(session, company_id, name)

    with pytest.raises(Conflict, match=r"Maria Lima e Maria Souza") as refused:
        miss(session, company_id, "maria", TODAY)

    assert refused.value.code == "employee_ambiguous"
    assert miss(session, company_id, "a marcia", TODAY).employee_name == "Márcia Alves"
    assert miss(session, company_id, "Maria Sou", TODAY).employee_name == "Maria Souza"


def test_an_unknown_name_matches_no_employee(session: Session, company_id: UUID) -> None:
    hire(session, company_id, "Maria Lima")

    with pytest.raises(NotFound):
        miss(session, company_id, "Pedro", TODAY)
    with pytest.raises(NotFound):
        miss(session, company_id, " ", TODAY)


def test_staff_request_their_own_time_off_through_the_linked_user(session: Session, company_id: UUID) -> None:
    user_id = staff(session, company_id, "Outro Nome")
    own = hire(session, company_id, "Maria Lima", user_id=user_id)
    outbox = Outbox(company_id)

    asked = ask(
        session,
        company_id,
        date(2026, 12, 1),
        date(2026, 12, 5),
        user_id=user_id,
        outbox=outbox,
    )

    assert (asked.employee_id, asked.days, asked.status) == (own.id, 5, "pending")
    assert [queue_message.payload["name"] for queue_message in outbox.queue_messages] == ["hr.time_off_requested"]


@pytest.mark.parametrize("other", [None, "Outra Pessoa"])
def test_an_equal_name_does_not_link_a_user(session: Session, company_id: UUID, other: str | None) -> None:
    """A user named Maria Lima is not the employee Maria Lima, linked or not."""
    user_id = staff(session, company_id, "Maria Lima")
    hire(session, company_id, "Maria Lima", user_id=other and staff(session, company_id, other))

    with pytest.raises(NotFound, match="não está ligado") as unknown:
        ask(session, company_id, TODAY, TODAY, user_id=user_id)
    with pytest.raises(Forbidden, match="não está ligado") as forbidden:
        ask(session, company_id, TODAY, TODAY, user_id=user_id, employee_name="Maria Lima")
    assert (unknown.value.code, forbidden.value.code) == ("employee_unknown", "time_off_of_another")


def test_a_user_is_linked_to_at_most_one_employee(session: Session, company_id: UUID) -> None:
    user_id = staff(session, company_id, "Maria Lima")
    hire(session, company_id, "Maria Lima", user_id=user_id)

    with pytest.raises(Conflict, match="Maria Lima") as refused:
        hire(session, company_id, "Ana Souza", user_id=user_id)
    assert refused.value.code == "user_is_employee"


def test_only_hr_may_request_time_off_for_others(session: Session, company_id: UUID) -> None:
    maria = linked(session, company_id, "Maria Lima")
    hire(session, company_id, "João Silva")

    with pytest.raises(Forbidden):
        ask(session, company_id, TODAY, TODAY, employee_name="João", user_id=maria)
    with pytest.raises(Forbidden):
        ask(session, company_id, TODAY, TODAY, employee_name="João")
    asked = ask(session, company_id, TODAY, TODAY, employee_name="João", may_act_for_others=True)
    assert asked.employee_name == "João Silva"


@pytest.mark.parametrize(("start", "end"), [(5, 5), (1, 5), (10, 12), (1, 30), (7, 8)])
def test_time_off_of_an_employee_does_not_overlap(session: Session, company_id: UUID, start: int, end: int) -> None:
    maria = linked(session, company_id, "Maria Lima")
    ask(session, company_id, date(2026, 12, 5), date(2026, 12, 10), user_id=maria)

    with pytest.raises(Conflict) as refused:
        ask(session, company_id, date(2026, 12, start), date(2026, 12, end), user_id=maria)

    assert refused.value.code == "time_off_overlap"
    assert "05/12/2026 a 10/12/2026" in refused.value.detail


def test_time_off_may_be_adjacent_or_overlap_another_employees(session: Session, company_id: UUID) -> None:
    hire(session, company_id, "Maria Lima")
    hire(session, company_id, "João Silva")
    for name, start, end in (("Maria", 5, 10), ("Maria", 11, 12), ("Maria", 4, 4), ("João", 5, 10)):
        ask(
            session,
            company_id,
            date(2026, 12, start),
            date(2026, 12, end),
            employee_name=name,
            may_act_for_others=True,
        )


def test_time_off_in_the_past_is_refused(session: Session, company_id: UUID) -> None:
    maria = linked(session, company_id, "Maria Lima")

    with pytest.raises(InvalidInput) as refused:
        ask(session, company_id, date(2026, 11, 19), TODAY, user_id=maria)

    assert refused.value.code == "dates_past"


def test_of_two_concurrent_overlapping_requests_one_is_kept(database: Database, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        maria = linked(session, company_id, "Maria Lima")

    def one() -> TimeOffView:
        with database.tenant(company_id) as opened:
            return ask(opened, company_id, TODAY, TODAY, user_id=maria)

    outcomes = at_once(one, 2)

    assert sorted(isinstance(o, Conflict) for o in outcomes) == [False, True]


def test_an_absence_registered_twice_is_one_absence(session: Session, company_id: UUID) -> None:
    hire(session, company_id, "João Silva")

    first, again = miss(session, company_id, "joão", TODAY, "Médico"), miss(session, company_id, "o João", TODAY)

    assert (first.repeated, again.repeated) == (False, True)
    assert (again.id, again.reason) == (first.id, "Médico")
    assert not miss(session, company_id, "João", date(2026, 11, 19)).repeated


def test_an_absence_registered_concurrently_is_one_absence(database: Database, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        hire(session, company_id, "João Silva")

    def one() -> TimeOffView:
        with database.tenant(company_id) as opened:
            return miss(opened, company_id, "João", TODAY)

    outcomes = [o for o in at_once(one, 3) if isinstance(o, TimeOffView)]

    assert sorted(o.repeated for o in outcomes) == [False, True, True]
    assert len({o.id for o in outcomes}) == 1


def at_once[T](work: Callable[[], T], times: int) -> list[T | DomainError]:
    barrier = Barrier(times)

    def one(_: int) -> T | DomainError:
        barrier.wait()
        try:
            return work()
        except DomainError as error:
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_an_employee_added_concurrently_is_added_once(database: Database, company_id: UUID) -> None:
    """Without the advisory lock, both would check before either has written."""
    start = Barrier(4)

    def one(name: str) -> bool:
        with database.tenant(company_id) as session:
            start.wait()
            try:
                hire(session, company_id, name)
            except Conflict:
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        hired = list(pool.map(one, ("Júlia Lima", "julia lima", "JÚLIA LIMA", "Julia  Lima")))
    assert hired.count(True) == 1
    with database.tenant(company_id) as session:
        assert len(service.list_employees(session, company_id)) == 1
