"""Migrations lead from an empty database to the code's schema, back, and up again."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from falachefe.app.schema import metadata
from falachefe.db.address import DatabaseAddress
from falachefe.db.engine import make_engine
from falachefe.db.migrate import migrate
from infra.local.stack.postgres import PostgresAddress
from tests.integration.conftest import application_address, new_database, superuser_address

# Everything that makes up a schema, in words. Names tell what is where; tables come in any order of columns.
SCHEMA = {
    "columns": """
        select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
            || case when a.attnotnull then ' not null' else '' end
            || coalesce(' ' || a.attgenerated::text || ' ' || pg_get_expr(d.adbin, d.adrelid), '')
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'alembic_version'
    """,
    "indexes": "select indexdef from pg_indexes where schemaname = 'public' and tablename <> 'alembic_version'",
    "constraints": """
        select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
        where connamespace = 'public'::regnamespace and conrelid <> 0 and conrelid::regclass::text <> 'alembic_version'
    """,
}
POWERS = {
    "row security": """
        select relname || concat(' ', relrowsecurity, ' ', relforcerowsecurity) from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'alembic_version'
    """,
    "policies": """
        select tablename || ' ' || policyname || ' ' || roles::text || ' ' || cmd || ' ' || qual
            || coalesce(' ' || with_check, '') from pg_policies
    """,
    "grants": """
        select relname || ' ' || g.grantee::regrole::text || ' ' || g.privilege_type
        from pg_class, aclexplode(relacl) g
        where relnamespace = 'public'::regnamespace and g.grantee::regrole::text like 'falachefe%'
    """,
    "column grants": """
        select relname || '.' || attname || ' ' || g.grantee::regrole::text || ' ' || g.privilege_type
        from pg_class c join pg_attribute a on a.attrelid = c.oid, aclexplode(attacl) g
        where relnamespace = 'public'::regnamespace
    """,
    "functions": r"""
        select regexp_replace(pg_get_functiondef(oid), '\s+', ' ', 'g') || coalesce(proacl::text, '') from pg_proc
        where pronamespace in (select oid from pg_namespace where nspname = 'directory')
    """,
}

type Snapshot = dict[str, list[str]]


def snapshot(engine: Engine, parts: dict[str, str]) -> Snapshot:
    with engine.connect() as connection:
        return {name: sorted(connection.execute(text(query)).scalars()) for name, query in parts.items()}


def whole(engine: Engine) -> Snapshot:
    return snapshot(engine, SCHEMA | POWERS)


@pytest.fixture
def address(postgres: PostgresAddress) -> DatabaseAddress:
    return application_address(postgres, "unused")


@pytest.fixture
def empty(postgres: PostgresAddress, request: pytest.FixtureRequest) -> Iterator[Engine]:
    engine = new_database(postgres, f"migrations_{sha256(request.node.name.encode()).hexdigest()[:12]}")
    yield engine
    engine.dispose()


@pytest.fixture
def admin(postgres: PostgresAddress, empty: Engine) -> Iterator[Engine]:
    """The same database as a superuser, whom no policy restricts."""
    with empty.connect() as connection:
        database = connection.scalar(text("select current_database()"))
    engine = make_engine(superuser_address(postgres, str(database)))
    yield engine
    engine.dispose()


@pytest.fixture
def models(postgres: PostgresAddress) -> Iterator[Engine]:
    """A database created from the models alone."""
    engine = new_database(postgres, "models")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def revise(engine: Engine, scripts: Path, direction: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(scripts))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        getattr(command, direction)(config, revision)
        connection.commit()


def revisions(scripts: Path) -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(scripts))
    return [script.revision for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]


def test_revisions_are_one_chain_numbered_in_order(migrations_folder: Path) -> None:
    found = revisions(migrations_folder)

    assert found == [f"{number:04d}" for number in range(1, len(found) + 1)]


def test_migrations_from_zero_create_the_models_schema(
    empty: Engine, models: Engine, address: DatabaseAddress, migrations_folder: Path
) -> None:
    newest = migrate(empty, address, migrations_folder)

    expected, found = snapshot(models, SCHEMA), snapshot(empty, SCHEMA)

    assert newest == revisions(migrations_folder)[-1]
    assert len(found["columns"]) > 100
    for part in SCHEMA:
        assert found[part] == expected[part]


def test_a_second_run_changes_nothing(empty: Engine, address: DatabaseAddress, migrations_folder: Path) -> None:
    first = migrate(empty, address, migrations_folder)
    before = whole(empty)

    assert migrate(empty, address, migrations_folder) == first
    assert whole(empty) == before


def test_every_revision_can_be_downgraded_and_upgraded_again(
    empty: Engine, address: DatabaseAddress, migrations_folder: Path
) -> None:
    migrate(empty, address, migrations_folder)
    known = revisions(migrations_folder)
    revise(empty, migrations_folder, "downgrade", "base")
    assert not any(whole(empty).values())
    for revision in known:
        before = whole(empty)
        revise(empty, migrations_folder, "upgrade", revision)
        after = whole(empty)
        revise(empty, migrations_folder, "downgrade", "-1")
        assert whole(empty) == before, f"{revision} leaves something behind"
        revise(empty, migrations_folder, "upgrade", revision)
        assert whole(empty) == after, f"{revision} is not the same the second time"


def test_downgrading_to_zero_and_upgrading_gives_the_same_schema(
    empty: Engine, address: DatabaseAddress, migrations_folder: Path
) -> None:
    migrate(empty, address, migrations_folder)
    first = whole(empty)

    revise(empty, migrations_folder, "downgrade", "base")
    migrate(empty, address, migrations_folder)

    assert whole(empty) == first


def test_rows_survive_the_newest_revisions(
    empty: Engine, admin: Engine, address: DatabaseAddress, migrations_folder: Path
) -> None:
    migrate(empty, address, migrations_folder)
    revise(empty, migrations_folder, "downgrade", "0003")
    with admin.begin() as connection:
        connection.execute(text("insert into companies (id, name) values (gen_random_uuid(), 'Padaria')"))
        connection.execute(
            text(
                "insert into articles (company_id, id, question, answer)"
                " select id, gen_random_uuid(), 'Qual é o horário?', 'Das 6h às 20h' from companies"
            )
        )

    migrate(empty, address, migrations_folder)

    with admin.connect() as connection:
        found = connection.execute(
            text("select count(*) from articles where search @@ plainto_tsquery('portuguese', 'horario')")
        )
        assert found.scalar_one() == 1


def test_a_revision_that_fills_a_column_reaches_the_rows_of_all_companies(
    empty: Engine, admin: Engine, address: DatabaseAddress, migrations_folder: Path
) -> None:
    migrate(empty, address, migrations_folder)
    revise(empty, migrations_folder, "downgrade", "0009")
    people = {"Ana": ("Ana", None), "Bia Souza": ("Bia", "Souza"), "Caio da Silva Reis": ("Caio", "da Silva Reis")}
    with admin.begin() as connection:
        for name in people:
            company = connection.scalar(
                text("insert into companies (id, name) values (gen_random_uuid(), 'Padaria') returning id")
            )
            connection.execute(
                text(
                    "insert into users (company_id, id, name, role) values (:company, gen_random_uuid(), :name, 'user')"
                ),
                {"company": company, "name": name},
            )

    migrate(empty, address, migrations_folder)

    with admin.connect() as connection:
        found = connection.execute(text("select name, first_name, last_name from users")).all()
    assert {name: (first, last) for name, first, last in found} == people


def test_row_security_is_forced_for_the_owner_after_every_revision(
    empty: Engine, admin: Engine, address: DatabaseAddress, migrations_folder: Path
) -> None:
    migrate(empty, address, migrations_folder)

    with admin.connect() as connection:
        loose = connection.execute(
            text(
                "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
                " and not (relrowsecurity and relforcerowsecurity)"
            )
        )
        assert loose.scalars().all() == ["alembic_version"]


def test_the_schema_owner_is_not_a_superuser(empty: Engine) -> None:
    with empty.connect() as connection:
        assert connection.execute(
            text("select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user")
        ).one() == (False, False, True)
