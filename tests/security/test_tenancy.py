"""No company reaches another one's rows with raw SQL as the role that functions sign in as.

The tests walk all tables of the schema, so that a table added without its policy fails here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, Table, TextClause, insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from falachefe.app.schema import metadata
from falachefe.db.engine import Database
from falachefe.kernel.ids import new_id
from tests.security.example_rows import (
    APPEND_ONLY,
    SHARED,
    TENANT_TABLES,
    Keys,
    fill,
    own_column,
    references,
    values_for,
)

PERMISSION_DENIED = "42501"  # also what a violated policy answers
FOREIGN_KEY = "23503"

each_table = pytest.mark.parametrize("table", TENANT_TABLES, ids=lambda table: table.name)
each_reference = pytest.mark.parametrize(
    ("table", "reference"),
    [(table, reference) for table in TENANT_TABLES for reference in references(table)],
    ids=lambda item: getattr(item, "name", None),
)


@dataclass(frozen=True)
class Tenants:
    """Two companies with one row in every table each."""

    ours: UUID
    theirs: UUID
    our_keys: Keys
    their_keys: Keys


@pytest.fixture(scope="module")
def tenants(database: Database) -> Tenants:
    ours, theirs = new_id(), new_id()
    return Tenants(ours, theirs, _fill(database, ours), _fill(database, theirs))


def _fill(database: Database, company_id: UUID) -> Keys:
    with database.tenant(company_id) as session:
        return fill(session, company_id)


def refused(database: Database, company_id: UUID | None, work: Callable[[Session], Any]) -> str:
    """The error code with which Postgres refuses `work`; fails when it does not."""
    transaction = database.no_tenant() if company_id is None else database.tenant(company_id)
    with pytest.raises(DBAPIError) as error, transaction as session:
        work(session)
    assert error.value.orig is not None
    code: str = error.value.orig.args[0]["C"]
    return code


def changed_rows(database: Database, company_id: UUID, statement: TextClause) -> int:
    with database.tenant(company_id) as session:
        return session.connection().execute(statement).rowcount


def version_of(superuser: Engine, table: str, key: UUID) -> tuple[Any, ...]:
    """The transaction that wrote the row last: it changes with every write."""
    with superuser.connect() as connection:
        row = connection.execute(
            text(f"select xmin::text, ctid::text from {table} where id = :key"), {"key": key}
        ).one()
    return tuple(row)


@each_table
def test_a_company_reads_and_counts_its_own_rows_only(database: Database, tenants: Tenants, table: Table) -> None:
    with database.tenant(tenants.ours) as session:
        seen = session.execute(text(f"select company_id from {table.name}")).scalars().all()
        guessed = session.execute(
            text(f"select count(*) from {table.name} where id = :key or company_id = :theirs"),
            {"key": tenants.their_keys[table.name], "theirs": tenants.theirs},
        ).scalar_one()

    assert list(seen) == [tenants.ours]
    assert guessed == 0


@each_table
def test_a_company_changes_no_row_of_another_one(
    database: Database, superuser: Engine, tenants: Tenants, table: Table
) -> None:
    key = tenants.their_keys[table.name]
    before = version_of(superuser, table.name, key)
    for statement in (f"update {table.name} set updated_at = now()", f"delete from {table.name}"):
        asked = text(f"{statement} where id = :key").bindparams(key=key)
        if table.name in APPEND_ONLY:
            assert refused(database, tenants.ours, partial(Session.execute, statement=asked)) == PERMISSION_DENIED
        else:
            assert changed_rows(database, tenants.ours, asked) == 0

    assert version_of(superuser, table.name, key) == before


@each_table
def test_a_company_inserts_no_row_for_another_one(database: Database, tenants: Tenants, table: Table) -> None:
    values = values_for(table, tenants.theirs, tenants.their_keys)

    assert refused(database, tenants.ours, lambda s: s.execute(insert(table).values(values))) == PERMISSION_DENIED


@each_table
def test_a_company_cannot_transfer_a_row_to_another_one(database: Database, tenants: Tenants, table: Table) -> None:
    statement = text(f"update {table.name} set company_id = :theirs where id = :key")
    values = {"theirs": tenants.theirs, "key": tenants.our_keys[table.name]}

    assert refused(database, tenants.ours, lambda s: s.execute(statement, values)) == PERMISSION_DENIED


@each_reference
def test_a_companys_row_cannot_refer_to_a_row_of_another_one(
    database: Database, tenants: Tenants, table: Table, reference: Any
) -> None:
    statement = text(f"update {table.name} set {own_column(reference)} = :theirs where id = :key")
    values = {"theirs": tenants.their_keys[reference.referred_table.name], "key": tenants.our_keys[table.name]}

    assert refused(database, tenants.ours, lambda s: s.execute(statement, values)) == FOREIGN_KEY


@each_table
def test_a_transaction_without_a_company_reads_and_inserts_no_rows(
    database: Database, tenants: Tenants, table: Table
) -> None:
    with database.no_tenant() as session:
        assert session.execute(text(f"select count(*) from {table.name}")).scalar_one() == 0
    values = values_for(table, tenants.ours, tenants.our_keys)

    assert refused(database, None, lambda s: s.execute(insert(table).values(values))) == PERMISSION_DENIED


def test_a_company_sees_no_other_company(database: Database, tenants: Tenants) -> None:
    with database.tenant(tenants.ours) as session:
        assert list(session.execute(text("select id from companies")).scalars()) == [tenants.ours]
    for statement in ("update companies set name = 'X' where id = :id", "delete from companies where id = :id"):
        assert changed_rows(database, tenants.ours, text(statement).bindparams(id=tenants.theirs)) == 0
    in_their_name = text("insert into companies (id, name) values (:id, 'Outra')")
    assert refused(database, tenants.ours, lambda s: s.execute(in_their_name, {"id": new_id()})) == PERMISSION_DENIED


@pytest.mark.parametrize("wanted", ["", "not a uuid", "' or true --"])
def test_an_invalid_company_setting_shows_no_rows(database: Database, tenants: Tenants, wanted: str) -> None:
    def count(session: Session) -> int:
        session.execute(text("select set_config('app.company_id', :wanted, true)"), {"wanted": wanted})
        return int(session.execute(text("select count(*) from transactions")).scalar_one())

    if wanted:
        assert refused(database, None, count) == "22P02"  # no UUID
    else:
        with database.no_tenant() as session:
            assert count(session) == 0


@pytest.mark.usefixtures("pinning")
def test_row_security_cannot_be_switched_off(database: Database, tenants: Tenants) -> None:
    def look(session: Session) -> None:
        session.execute(text("set local row_security = off"))
        session.execute(text("select count(*) from transactions"))

    assert refused(database, tenants.ours, look) == PERMISSION_DENIED


@pytest.mark.usefixtures("pinning")
@pytest.mark.parametrize(
    "statement",
    [
        "alter table transactions disable row level security",
        "drop policy tenant on transactions",
        "create policy all_rows on transactions using (true)",
        "truncate transactions",
        "create table public.loot (id int)",
        "create schema loot",
        "set role falachefe_directory",
        "set session authorization postgres",
        "select * from alembic_version",
        "alter role falachefe_app bypassrls",
        "grant falachefe_directory to falachefe_app",
        "select * from pg_authid",
        "copy transactions to '/tmp/loot'",
        "copy transactions to program 'cat'",
        "create or replace function directory.logins_of(address text) returns setof uuid language sql as 'select null'",
    ],
)
def test_the_application_role_cannot_change_the_rules(database: Database, tenants: Tenants, statement: str) -> None:
    assert refused(database, tenants.ours, lambda s: s.execute(text(statement))) in (
        PERMISSION_DENIED,
        "42710",
        "0LP01",
    )


@pytest.mark.parametrize("table", sorted(SHARED))
def test_a_company_reads_the_platforms_rows_and_changes_none(
    database: Database, tenants: Tenants, superuser: Engine, table: str
) -> None:
    key = {"plans": "code", "feature_flags": "name"}[table]
    with database.no_tenant() as session:
        session.execute(text("insert into feature_flags (name, description) values ('x', 'X') on conflict do nothing"))
        present = session.execute(text(f"select count(*) from {table}")).scalar_one()
    with database.tenant(tenants.ours) as session:
        assert session.execute(text(f"select count(*) from {table}")).scalar_one() == present > 0

    assert changed_rows(database, tenants.ours, text(f"update {table} set updated_at = now()")) == 0
    other = text(f"insert into {table} select * from {table} on conflict ({key}) do nothing")
    assert refused(database, tenants.ours, lambda s: s.execute(other)) == PERMISSION_DENIED
    deletion = text(f"delete from {table}")
    if table == "plans":
        assert refused(database, tenants.ours, lambda s: s.execute(deletion)) == PERMISSION_DENIED
    else:
        assert changed_rows(database, tenants.ours, deletion) == 0


def test_quarantined_messages_are_invisible_to_a_company(database: Database, tenants: Tenants) -> None:
    new = text("insert into quarantined_messages (id, queue, message_id, group_id) values (:id, 'inbound', 'm', 'g')")
    with database.no_tenant() as session:
        session.execute(new, {"id": new_id()})
        assert session.execute(text("select count(*) from quarantined_messages")).scalar_one() > 0
    with database.tenant(tenants.ours) as session:
        assert session.execute(text("select count(*) from quarantined_messages")).scalar_one() == 0
    for statement in ("update quarantined_messages set error = 'x'", "delete from quarantined_messages"):
        assert changed_rows(database, tenants.ours, text(statement)) == 0
    own = text(
        "insert into quarantined_messages (id, queue, message_id, group_id) values (gen_random_uuid(), 'q', 'n', 'g')"
    )
    assert refused(database, tenants.ours, lambda s: s.execute(own)) == PERMISSION_DENIED


def test_an_audit_row_is_deleted_only_by_its_id_and_after_a_year(
    database: Database, superuser: Engine, tenants: Tenants
) -> None:
    young, old = new_id(), new_id()
    with database.tenant(tenants.ours) as session:
        table = metadata.tables["audit_logs"]
        for key, age in ((young, "364 days"), (old, "366 days")):
            values = values_for(table, tenants.ours, tenants.our_keys) | {"id": key}
            session.execute(insert(table).values(**values, created_at=text(f"now() - interval '{age}'")))
    forget = text("select directory.forget_audit_logs(:company, :ids)")

    with database.tenant(tenants.ours) as session:
        forgotten = session.execute(forget, {"company": tenants.ours, "ids": [young, old]}).scalars().all()

    assert forgotten == [old]


@pytest.mark.parametrize("inside", [True, False], ids=["another-company", "no-company"])
def test_no_other_transaction_deletes_a_companys_old_audit_rows(
    database: Database, tenants: Tenants, inside: bool
) -> None:
    table, old = metadata.tables["audit_logs"], new_id()
    with database.tenant(tenants.theirs) as session:
        values = values_for(table, tenants.theirs, tenants.their_keys) | {"id": old}
        session.execute(insert(table).values(**values, created_at=text("now() - interval '366 days'")))
    forget = text("select directory.forget_audit_logs(:company, :ids)")

    with database.tenant(tenants.ours) if inside else database.no_tenant() as session:
        forgotten = session.execute(forget, {"company": tenants.theirs, "ids": [old]}).scalars().all()

    assert forgotten == []


def test_a_login_is_found_across_companies_only_by_its_exact_keys(database: Database, tenants: Tenants) -> None:
    email = f"dona-{tenants.ours}@empresa.com.br"
    for company_id, key in ((tenants.ours, tenants.our_keys["users"]), (tenants.theirs, tenants.their_keys["users"])):
        with database.tenant(company_id) as session:
            session.execute(text("update users set email = :email where id = :key"), {"email": email, "key": key})

    with database.no_tenant() as session:
        found = session.execute(text("select * from directory.logins_of(upper(:email))"), {"email": email}).all()

    assert {tuple(row) for row in found} == {
        (tenants.ours, tenants.our_keys["users"]),
        (tenants.theirs, tenants.their_keys["users"]),
    }
