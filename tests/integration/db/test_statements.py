"""Prepared statements that are sent together."""

from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from falachefe.companies.models import Company
from falachefe.db.driver import OneTripConnection
from falachefe.db.engine import Database
from falachefe.db.statements import (
    defer,
    fetch,
    prepared,
    run,
)

COMPANIES = cast(Table, Company.__table__)


@prepared
def rename() -> Any:
    return update(COMPANIES).where(COMPANIES.c.id == bindparam("company_id")).values(name=bindparam("name"))


@prepared
def add() -> Any:
    return insert(COMPANIES).values(id=bindparam("id"), name=bindparam("name"))


@prepared
def names() -> Any:
    return select(COMPANIES.c.name, COMPANIES.c.settings).where(COMPANIES.c.id == bindparam("company_id"))


def name_of(database: Database, company_id: UUID) -> str:
    with database.tenant(company_id) as session:
        return str(fetch(session, names(company_id=company_id))[0].name)


def trips(session: Session) -> int:
    return cast(OneTripConnection, session.connection().connection.dbapi_connection).trips


def test_statements_without_a_result_are_sent_with_the_commit(database: Database, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        before = trips(session)
        defer(session, rename(company_id=company_id, name="Um"), rename(company_id=company_id, name="Dois"))
        assert trips(session) == before
    assert name_of(database, company_id) == "Dois"


def test_statements_run_together_see_each_other_in_their_order(database: Database, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        before = trips(session)
        first, second = names(company_id=company_id), names(company_id=company_id)
        run(session, first, rename(company_id=company_id, name="Novo"), second)
        assert trips(session) == before + 1
    assert [first.result[0].name, second.result[0].name] == ["Padaria do Chefe", "Novo"]
    assert second.result[0].settings == {}


def test_queued_statements_run_before_any_other_statement(database: Database, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        defer(session, rename(company_id=company_id, name="Antes"))
        assert session.scalar(select(Company.name).where(Company.id == company_id)) == "Antes"


def _fail_at_the_commit(database: Database, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        defer(session, rename(company_id=company_id, name="Nunca"), add(id=company_id, name="Outra"))


def test_a_failure_at_the_commit_rolls_back_and_leaves_the_connection_usable(
    database: Database, company_id: UUID
) -> None:
    with pytest.raises(IntegrityError):
        _fail_at_the_commit(database, company_id)
    assert name_of(database, company_id) == "Padaria do Chefe"


def test_an_error_has_its_class_and_no_values(database: Database, company_id: UUID) -> None:
    with pytest.raises(IntegrityError) as caught, database.tenant(company_id) as session:
        run(session, add(id=company_id, name="Segredo Ltda"), names(company_id=company_id))
    assert "Segredo" not in str(caught.value)


def _change_the_mind(database: Database, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        defer(session, rename(company_id=company_id, name="Nunca"))
        raise RuntimeError("changed my mind")


def test_queued_statements_are_dropped_with_their_transaction(database: Database, company_id: UUID) -> None:
    with pytest.raises(RuntimeError, match="changed my mind"):
        _change_the_mind(database, company_id)
    assert name_of(database, company_id) == "Padaria do Chefe"


def test_missing_or_unknown_parameters_are_refused(company_id: UUID) -> None:
    with pytest.raises(TypeError, match="name"):
        rename(company_id=company_id)
    with pytest.raises(TypeError, match="colour"):
        rename(company_id=company_id, name="x", colour="y")


def test_a_result_is_available_only_after_the_run(company_id: UUID) -> None:
    with pytest.raises(RuntimeError, match="has not run"):
        _ = names(company_id=company_id).result
