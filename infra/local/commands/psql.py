"""`make psql`: a session as the superuser, who sees the rows of all companies."""

import os
import subprocess
from typing import TYPE_CHECKING

from infra.local.console import Refused
from infra.local.stack import deploy
from infra.local.stack.postgres import SUPERUSER, LocalPostgres, binaries

if TYPE_CHECKING:
    from infra.local.stack.instance import Instance


def psql(instance: "Instance") -> int:
    return session(instance.postgres, deploy.DATABASE)


def session(postgres: LocalPostgres, database: str, *arguments: str) -> int:
    """Runs psql until it ends, and returns its exit code. The password stays out of the process list."""
    if not postgres.running():
        raise Refused("the stack is not up; run `make up`")
    address = postgres.address()
    command = [
        str(binaries() / "psql"),
        "-h",
        address.host,
        "-p",
        str(address.port),
        "-U",
        SUPERUSER,
        *arguments,
        database,
    ]
    return subprocess.run(command, env={**os.environ, "PGPASSWORD": address.password}, check=False).returncode
