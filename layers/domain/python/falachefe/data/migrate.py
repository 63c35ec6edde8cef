"""Brings a database to the schema of this code: roles first, then Alembic's revisions, under one lock."""

from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from falachefe.data.engine import DatabaseAddress

APPLICATION_ROLE = "falachefe_app"
DIRECTORY_ROLE = "falachefe_directory"
_LOCK = 0x66616C61  # "fala": one migration at a time, whatever deploys twice


def migrate(engine: Engine, application: DatabaseAddress, scripts: Path | None = None) -> str:
    """Migrates to the newest revision and returns its name. Running it again changes nothing.

    `engine` signs in as the owner of the schema; `application` holds the name and password that functions use.
    `scripts` is the folder of revisions; by default the package that the migrations layer carries.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext

    config = Config()
    config.set_main_option("script_location", str(scripts or _packaged_scripts()))
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        try:
            ensure_roles(connection, application)
            connection.commit()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
            return MigrationContext.configure(connection).get_current_revision() or ""
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()


def _packaged_scripts() -> Path:
    return Path(str(files("falachefe_migrations")))


def ensure_roles(connection: Connection, application: DatabaseAddress) -> None:
    """Makes the role that functions sign in as, and the role that owns the directory functions.

    Neither owns a table, is a superuser or bypasses row security.
    """
    if application.username != APPLICATION_ROLE:
        raise ValueError(f"functions sign in as {APPLICATION_ROLE}, not as {application.username}")
    for role, login in ((APPLICATION_ROLE, "login"), (DIRECTORY_ROLE, "nologin")):
        known = connection.execute(text("select 1 from pg_roles where rolname = :role"), {"role": role}).scalar()
        if not known:
            connection.execute(text(f"create role {role} {login} nosuperuser nocreatedb nocreaterole noinherit"))
    # DDL takes no parameters: the server quotes the literal for us.
    quoted = connection.execute(text("select quote_literal(:password)"), {"password": application.password}).scalar()
    connection.exec_driver_sql(f"alter role {APPLICATION_ROLE} password {quoted}")
    connection.exec_driver_sql(f"grant {DIRECTORY_ROLE} to current_user")
