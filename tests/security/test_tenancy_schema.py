"""The schema: every table has the company's row security policy, and nothing bypasses it."""

import pytest
from sqlalchemy import Connection, Engine, Table, text

from falachefe.app.schema import metadata
from tests.security.example_rows import PLATFORM_ONLY, SHARED, TENANT_TABLES

DIRECTORY = [
    "api_keys_of",
    "companies",
    "companies_with_due_campaigns",
    "companies_with_due_reminders",
    "companies_with_old_audit_logs",
    "companies_with_overdue_work",
    "companies_with_untold_messages",
    "companies_with_waiting_work",
    "forget_audit_logs",
    "identities_of",
    "logins_of",
    "oldest_waiting",
]

each_table = pytest.mark.parametrize("table", TENANT_TABLES, ids=lambda table: table.name)


UNPROTECTED = """
    select c.relname from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and c.relname not in ('alembic_version', 'plans', 'feature_flags', 'quarantined_messages')
      and not (
        c.relrowsecurity and c.relforcerowsecurity
        and exists (
            select 1 from pg_policies p
            where p.schemaname = 'public' and p.tablename = c.relname and p.cmd = 'ALL' and p.permissive = 'PERMISSIVE'
              and p.roles = '{falachefe_app}' and p.qual = p.with_check
              and p.qual = '(' || case c.relname when 'companies' then 'id' else 'company_id' end
                || ' = (NULLIF(current_setting(''app.company_id''::text, true), ''''::text))::uuid)'
        )
        and not exists (
            select 1 from pg_policies p
            where p.schemaname = 'public' and p.tablename = c.relname and p.policyname <> 'tenant'
              and (p.roles <> '{falachefe_directory}' or p.cmd <> 'SELECT')
              and (p.roles <> '{falachefe_directory}' or p.tablename <> 'audit_logs' or p.cmd <> 'DELETE'
                or p.qual not like '%365 days%')
        )
      )
    order by 1
"""


BYPASSES = """
    with ours as (
        select oid, nspname from pg_namespace
        where nspname <> 'information_schema' and nspname not like 'pg\\_%'
    )
    select c.relname from pg_class c join ours n on n.oid = c.relnamespace
    where c.relkind in ('m', 'f')
       or c.relkind = 'v' and not coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on'], false)
       or c.relkind in ('r', 'p') and n.nspname <> 'public'
    union
    select p.proname from pg_proc p join ours n on n.oid = p.pronamespace
    where p.prosecdef and n.nspname <> 'directory'
    union
    select granted.rolname from pg_auth_members m join pg_roles granted on granted.oid = m.roleid
    where m.member = 'falachefe_app'::regrole
    order by 1
"""
"""Ways around the policies, in any schema: what runs or reads as its owner (a view that is not its caller's, a function
that is SECURITY DEFINER, a copy of rows, another server's table), a table elsewhere, another role's rights."""


def unprotected(connection: Connection) -> list[str]:
    """Tables without forced row security and the company's policy, or with a policy that opens them wider; and ways
    around the policies."""
    return [*connection.execute(text(UNPROTECTED)).scalars(), *connection.execute(text(BYPASSES)).scalars()]


def test_every_table_has_the_companys_row_security_policy(superuser: Engine) -> None:
    with superuser.connect() as connection:
        assert unprotected(connection) == []


@pytest.mark.parametrize(
    "mistake",
    [
        "create table forgotten (company_id uuid, id uuid)",
        "alter table budgets no force row level security",
        "alter table budgets disable row level security",
        "drop policy tenant on budgets",
        "create policy wide on budgets to falachefe_app using (true)",
        "alter policy tenant on budgets using (true)",
        "alter policy tenant on budgets with check (true)",
        "create policy wide on budgets for insert to public with check (true)",
    ],
)
def test_a_table_without_the_policy_is_detected(superuser: Engine, mistake: str) -> None:
    with superuser.connect() as connection:
        connection.execute(text(mistake))
        assert unprotected(connection) in (["forgotten"], ["budgets"])
        connection.rollback()


@pytest.mark.parametrize(
    "mistake",
    [
        "create view around as select * from messages",
        "create view around with (security_invoker = false) as select * from messages",
        "create schema elsewhere; create view elsewhere.around as select * from messages",
        "create materialized view around as select * from messages",
        "create function around() returns setof messages language sql security definer as 'select * from messages'",
        (
            "create schema elsewhere; create function elsewhere.around() returns int language sql security definer"
            " as 'select 1'"
        ),
        (
            "create foreign data wrapper w; create server s foreign data wrapper w;"
            " create foreign table around (n int) server s"
        ),
        "create schema elsewhere; create table elsewhere.around as select * from messages",
        "create role around; grant around to falachefe_app",
    ],
)
def test_a_bypass_of_the_policies_is_detected(superuser: Engine, mistake: str) -> None:
    with superuser.connect() as connection:
        connection.execute(text(mistake))
        assert unprotected(connection) == ["around"]
        connection.rollback()


def test_a_view_with_its_callers_rights_is_allowed(superuser: Engine) -> None:
    with superuser.connect() as connection:
        connection.execute(text("create view mine with (security_invoker = true) as select * from messages"))
        assert unprotected(connection) == []
        connection.rollback()


def test_these_tests_cover_every_table_of_the_database(superuser: Engine) -> None:
    with superuser.connect() as connection:
        found = connection.execute(
            text("select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'")
        )
        assert sorted(found.scalars()) == sorted(metadata.tables)
    assert {table.name for table in TENANT_TABLES} == set(metadata.tables) - {"companies"} - SHARED - PLATFORM_ONLY


@each_table
def test_every_reference_and_unique_key_stays_within_the_company(superuser: Engine, table: Table) -> None:
    """A conflict on a unique key without the company would reveal rows of other companies."""
    with superuser.connect() as connection:
        keys = connection.execute(
            text("select indexdef from pg_indexes where tablename = :table and indexdef like 'CREATE UNIQUE%'"),
            {"table": table.name},
        ).scalars()
        outside = connection.execute(
            text(
                "select pg_get_constraintdef(oid) from pg_constraint where conrelid = cast(:table as regclass)"
                " and contype = 'f'"
            ),
            {"table": table.name},
        ).scalars()
        assert [key for key in keys if "(company_id" not in key] == []
        assert [key for key in outside if not key.startswith("FOREIGN KEY (company_id")] == []


def test_the_application_role_owns_nothing_and_bypasses_nothing(superuser: Engine) -> None:
    owned = """
        select relname from pg_class where relowner = r.oid union all
        select proname from pg_proc where proowner = r.oid union all
        select nspname from pg_namespace where nspowner = r.oid union all
        select datname from pg_database where datdba = r.oid
    """
    with superuser.connect() as connection:
        role = connection.execute(
            text(
                "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,"
                f" array({owned}) as owned,"
                " array(select roleid::regrole::text from pg_auth_members where member = r.oid) as member_of"
                " from pg_roles r where rolname = 'falachefe_app'"
            )
        ).one()
    assert tuple(role) == (False, False, False, False, False, [], [])


def test_the_directory_role_can_only_read_lookup_columns_and_delete_old_audit_rows(superuser: Engine) -> None:
    with superuser.connect() as connection:
        role = connection.execute(
            text(
                "select rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles"
                " where rolname = 'falachefe_directory'"
            )
        ).one()
        columns = connection.execute(
            text(
                "select distinct table_name, column_name, privilege_type from information_schema.column_privileges"
                " where grantee = 'falachefe_directory' and table_schema = 'public'"
            )
        ).all()
        tables = connection.execute(
            text(
                "select table_name, privilege_type from information_schema.table_privileges"
                " where grantee = 'falachefe_directory'"
            )
        ).all()
    assert tuple(role) == (False, False, False, False, False)
    # Columns only, except audit rows: it may delete those that are a year old.
    assert [tuple(row) for row in tables] == [("audit_logs", "DELETE")]
    assert {privilege for _, _, privilege in columns} == {"SELECT"}
    lookup_columns = {name for table, name, _ in columns if (table, name) != ("companies", "name")}
    assert lookup_columns.isdisjoint(
        {"name", "phone", "text", "payload", "password_hash", "amount", "description", "args", "result"}
    )


def test_directory_functions_return_only_keys_and_have_a_fixed_search_path(superuser: Engine) -> None:
    with superuser.connect() as connection:
        functions = connection.execute(
            text(
                "select p.proname, p.prosecdef, p.proconfig, r.rolname as owner,"
                " case when p.proallargtypes is null then array[p.prorettype::regtype::text] else"
                " array(select t::regtype::text from unnest(p.proallargtypes, p.proargmodes) as a(t, mode)"
                " where mode in ('t', 'o')) end as answers,"
                " has_function_privilege('public', p.oid, 'execute') as open"
                " from pg_proc p join pg_roles r on r.oid = p.proowner"
                " where p.pronamespace = 'directory'::regnamespace order by 1"
            )
        ).all()
    assert [f.proname for f in functions] == DIRECTORY
    for function in functions:
        # Only keys, or, for a metric over all companies, times.
        answers = {"timestamp with time zone"} if function.proname == "oldest_waiting" else {"uuid"}
        assert set(function.answers) == answers
        assert (function.prosecdef, function.owner, function.open) == (True, "falachefe_directory", False)
        assert function.proconfig == ["search_path=public, pg_temp"]
