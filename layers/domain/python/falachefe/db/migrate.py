"""Brings a database to the schema of this code: roles first, then Alembic's revisions, under one lock."""

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
_LOCK = 0x66616C61  # "fala": one migration at a time, whatever deploys twice
_LONGEST_S: Final = 840
_MARGIN_S: Final = 10
_LOCK_WAIT_S: Final = 3
_PAUSE_S: Final = 5
_TRIES: Final = 20


def owner_engine(address: DatabaseAddress, *, within_s: float = _LONGEST_S) -> Engine:
    """For migrations only: a statement may take as long as the whole run, so an index on a large table is made.

    Its connection goes straight to the server, so its options stand at the start of the session. `within_s` is how
    long the caller lives: the server gives a statement up before that, and then says so.
    """
    statement_s = max(within_s - _MARGIN_S, 1)
    limits = TimeLimits(connect_s=20, answer_s=within_s, pool_s=5, statement_s=statement_s)
    return make_engine(
        address,
        limits=limits,
        statement_timeout=f"{statement_s * 1000:.0f}",
        # Between two statements of a revision there is only our own code.
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
    """Migrates to the newest revision and returns the one that the database then has. Repeating it changes nothing.

    `engine` signs in as the owner of the schema; `application` holds the name and password that functions use.
    `scripts` is the folder of revisions; by default the package that the migrations layer carries. A database that is
    ahead of this code stays as it is: revisions only add, so an older version that is deployed again works on it.
    """
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts or _packaged_scripts()))
    with engine.connect() as connection:
        # A second run waits here until the first is done, and then finds nothing to do.
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
            if not connection.invalidated:  # a lost connection has given its lock back
                connection.rollback()
                connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _LOCK})
                connection.commit()


def _upgrade(config: "Config", connection: Connection, pause: Callable[[float], None]) -> None:
    """Who alters a table waits for those who use it, and everybody else waits behind them: so it gives up soon, lets
    the others pass and tries again. Revisions that were done stay done."""
    from alembic import command

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
    """Says what the server said, and neither the statement nor its values."""

    @classmethod
    def of(cls, error: DBAPIError) -> "MigrationFailed":
        fields = error.orig.args[0] if error.orig is not None and error.orig.args else None
        said = f"{fields.get('C')} {fields.get('M')}" if isinstance(fields, dict) else str(error.orig)
        return cls(said)


def _packaged_scripts() -> Path:
    return Path(str(files("falachefe_migrations")))


def _revision(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _ahead(connection: Connection, config: "Config") -> bool:
    """Whether a newer version than this one has migrated the database."""
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    revision = _revision(connection)
    connection.rollback()
    return revision is not None and revision not in known


def ensure_roles(connection: Connection, application: DatabaseAddress) -> None:
    """Makes the role that functions sign in as, with what limits its sessions, and the role that owns the directory
    functions. Neither owns a table, is a superuser or bypasses row security.
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
    """What the server keeps of a password. A failed statement stands in the server's log, with all that it said."""
    salt, rounds = os.urandom(16), 4096
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, rounds)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    in_words = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${rounds}:{in_words[0]}${in_words[1]}:{in_words[2]}"


def session_defaults(limits: TimeLimits) -> dict[str, str]:
    """What every session of the application role begins with. They hold for new connections: those that a proxy keeps
    open meanwhile end with their age."""
    return {
        "statement_timeout": f"{limits.statement_s * 1000:.0f}ms",
        "lock_timeout": f"{limits.lock_s * 1000:.0f}ms",
        # A function that was killed leaves its transaction open; its rows stay locked no longer than this.
        "idle_in_transaction_session_timeout": f"{limits.idle_in_transaction_s * 1000:.0f}ms",
        "timezone": "UTC",
    }
