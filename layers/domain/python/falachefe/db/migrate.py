"""Migrates a database to this code's schema: roles first, then Alembic's revisions, under one advisory lock."""

import base64
import hashlib
import hmac
import os
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from falachefe.db.address import DatabaseAddress
from falachefe.db.engine import LIMITS, TimeLimits, make_engine
from falachefe.db.outages import CONTENTION, sqlstate

if TYPE_CHECKING:
    from alembic.config import Config

APPLICATION_ROLE = "falachefe_app"
DIRECTORY_ROLE = "falachefe_directory"
_LOCK = 0x66616C61  # "fala": serialises concurrent migrations
_MAX_RUN_S: Final = 840
_MARGIN_S: Final = 10
_LOCK_WAIT_S: Final = 3
_PAUSE_S: Final = 5
_TRIES: Final = 20


def owner_engine(address: DatabaseAddress, *, within_s: float = _MAX_RUN_S) -> Engine:
    """An engine for migrations: a statement may take as long as the whole run, to build an index on a large table.

    It connects directly to the server, so session options can be sent on start-up. `within_s` is the caller's
    remaining time: the server cancels a statement before that and reports it.
    """
    statement_s = max(within_s - _MARGIN_S, 1)
    limits = TimeLimits(connect_s=20, answer_s=within_s, pool_s=5, statement_s=statement_s)
    return make_engine(
        address,
        limits=limits,
        statement_timeout=f"{statement_s * 1000:.0f}",
        # Between two statements of a revision only code of the migration runs.
        idle_in_transaction_session_timeout="60s",
        TimeZone="UTC",
    )


def migrate(
    engine: Engine,
    application: DatabaseAddress,
    scripts: Path | None = None,
    *,
    pause: Callable[[float], None] = time.sleep,
) -> str:
    """Migrates to the newest revision and returns the database's revision. Idempotent.

    `engine` signs in as the schema's owner; `application` holds the login of the functions. `scripts` is the folder of
    revisions, by default the package in the migrations layer. A database that is ahead of this code is left as it is:
    revisions only add, so that a redeployed older version works on it.
    """
    from alembic.config import Config  # noqa: PLC0415  # 310 ms, paid by a migration

    config = Config()
    config.set_main_option("script_location", str(scripts or _packaged_scripts()))
    with engine.connect() as connection:
        # A concurrent run waits here until the first is done and then finds nothing to do.
        connection.execute(text("set lock_timeout = 0"))
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.execute(text(f"set lock_timeout = '{_LOCK_WAIT_S}s'"))
        connection.commit()
        try:
            ensure_roles(connection, application)
            connection.commit()
            if not _ahead(connection, config):
                config.attributes["connection"] = connection
                _upgrade(config, connection, pause)
            connection.commit()
            return _revision(connection) or ""
        finally:
            if not connection.invalidated:  # a lost connection has released its lock
                connection.rollback()
                connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _LOCK})
                connection.commit()


def _upgrade(config: "Config", connection: Connection, pause: Callable[[float], None]) -> None:
    """Retries after a lock timeout: ALTER TABLE waits for current users of a table and blocks all later ones, so it
    gives up soon, lets them pass and tries again. Completed revisions are kept."""
    from alembic import command  # noqa: PLC0415  # 310 ms, paid by a migration

    for left in reversed(range(_TRIES)):
        try:
            command.upgrade(config, "head")
        except DBAPIError as error:
            if not left or sqlstate(error.orig) not in CONTENTION:
                raise
            connection.rollback()
            pause(_PAUSE_S)
        else:
            return


class MigrationFailed(Exception):
    """Holds the server's message, but neither the statement nor its values."""

    @classmethod
    def of(cls, error: DBAPIError) -> "MigrationFailed":
        fields = error.orig.args[0] if error.orig is not None and error.orig.args else None
        said = f"{fields.get('C')} {fields.get('M')}" if isinstance(fields, dict) else str(error.orig)
        return cls(said)


def _packaged_scripts() -> Path:
    return Path(str(files("falachefe_migrations")))


def _revision(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415  # 310 ms, paid by a migration

    return MigrationContext.configure(connection).get_current_revision()


def _ahead(connection: Connection, config: "Config") -> bool:
    """Whether a newer version of the code has migrated the database."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # 310 ms, paid by a migration

    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    revision = _revision(connection)
    connection.rollback()
    return revision is not None and revision not in known


def ensure_roles(connection: Connection, application: DatabaseAddress) -> None:
    """Creates the functions' login role with its session limits, and the role that owns the directory functions.

    Neither owns tables, is a superuser or bypasses row-level security.
    """
    if application.username != APPLICATION_ROLE:
        raise ValueError(f"functions sign in as {APPLICATION_ROLE}, not as {application.username}")
    for role, login in ((APPLICATION_ROLE, "login"), (DIRECTORY_ROLE, "nologin")):
        known = connection.execute(text("select 1 from pg_roles where rolname = :role"), {"role": role}).scalar()
        if not known:
            connection.execute(text(f"create role {role} {login} nosuperuser nocreatedb nocreaterole noinherit"))
    connection.exec_driver_sql(f"alter role {APPLICATION_ROLE} password '{_scram(application.password)}'")
    for name, value in session_defaults(LIMITS).items():
        connection.exec_driver_sql(f"alter role {APPLICATION_ROLE} set {name} = '{value}'")
    connection.exec_driver_sql(f"grant {DIRECTORY_ROLE} to current_user")


def _scram(password: str) -> str:
    """The SCRAM verifier of a password, so that the password itself never appears in a statement that may be logged."""
    salt, rounds = os.urandom(16), 4096
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, rounds)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    in_words = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${rounds}:{in_words[0]}${in_words[1]}:{in_words[2]}"


def session_defaults(limits: TimeLimits) -> dict[str, str]:
    """Session defaults of the application role. They apply to new connections; a proxy's open ones keep the old values
    until they are closed."""
    return {
        "statement_timeout": f"{limits.statement_s * 1000:.0f}ms",
        "lock_timeout": f"{limits.lock_s * 1000:.0f}ms",
        # The transaction of a killed function stays open; its locks are released after this.
        "idle_in_transaction_session_timeout": f"{limits.idle_in_transaction_s * 1000:.0f}ms",
        "timezone": "UTC",
    }
