"""Two runtimes restored from one snapshot: nothing that must differ is the same, and no connection is shared.

A fork is what a restore is to a process: the same memory, in two places. The program below uses what a function uses
before the snapshot, which is more than a function does while it starts.
"""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from falachefe.kernel.ids import new_id
from infra.local.paths import ROOT
from infra.local.stack.postgres import SUPERUSER, PostgresAddress
from tests.performance.aws_standin import aws_standin

PROGRAM = """
import json, os, random, sys
from sqlalchemy import text
from falachefe.app import runtime
from falachefe.db.address import DatabaseAddress
from falachefe.db.engine import Database, make_engine
from falachefe.kernel.ids import new_id
import snapshot_restore_py as hooks

def login():
    address = json.loads(os.environ["LOGIN"])
    return DatabaseAddress(**address, ssl=False)

def use():
    with runtime.database().no_tenant() as session:
        backend = session.execute(text("select pg_backend_pid()")).scalar_one()
    runtime.table("LIMITS_TABLE").get("a", "b")
    return backend

def sockets():
    links = []
    for fd in os.listdir("/proc/self/fd"):
        try:
            links.append(os.readlink(f"/proc/self/fd/{fd}"))
        except FileNotFoundError:
            pass
    return sorted(link for link in links if link.startswith("socket:"))

given = runtime.database
def database():
    return Database(lambda: make_engine(lambda fresh: login()))
import functools
runtime.database = functools.cache(database)

at_rest = sockets()
use()
assert len(sockets()) == len(at_rest) + 2
if sys.argv[1] == "hooks":
    for hook, args, kwargs in reversed(hooks._before_snapshot_registry):
        hook(*args, **kwargs)
image = random.getstate()
report = {"open": len(sockets()) - len(at_rest), "restored": []}
for _ in range(2):
    reader, writer = os.pipe()
    if os.fork() == 0:
        random.setstate(image)  # Python seeds anew after a fork, which a restore does not tell it of
        if sys.argv[1] == "hooks":
            for hook, args, kwargs in hooks._after_restore_registry:
                hook(*args, **kwargs)
        mine = {"random": random.random(), "id": str(new_id()), "ids": [str(new_id()) for _ in range(50)]}
        mine["backend"] = use()
        mine["sockets"] = sockets()[len(at_rest):] if not at_rest else sorted(set(sockets()) - set(at_rest))
        os.write(writer, json.dumps(mine).encode())
        os._exit(0)
    os.close(writer)
    report["restored"].append(json.loads(os.read(reader, 1 << 20)))
    os.wait()
print(json.dumps(report))
"""


@pytest.fixture
def environment(postgres: PostgresAddress) -> Any:
    login = {
        "username": SUPERUSER,
        "password": postgres.password,
        "host": postgres.host,
        "port": postgres.port,
        "dbname": "postgres",
    }
    with aws_standin({"pk": {"S": "a"}}, delay_s=0) as endpoint:
        yield {
            **os.environ,
            "PYTHONPATH": str(ROOT / "layers" / "domain" / "python"),
            "LOGIN": json.dumps(login),
            "LIMITS_TABLE": "limits",
            "DATABASE_SECRET_ARN": "arn",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": "sa-east-1",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
        }


def restored(environment: Any, how: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_restored_copies_share_no_randomness_and_no_connection(environment: Any) -> None:
    report = restored(environment, "hooks")
    first, second = report["restored"]
    assert report["open"] == 0
    assert first["random"] != second["random"]
    assert not {first["id"], *first["ids"]} & {second["id"], *second["ids"]}
    assert first["backend"] != second["backend"]
    assert not set(first["sockets"]) & set(second["sockets"])


def test_restored_copies_without_hooks_share_both(environment: Any) -> None:
    """The program can tell the difference: identifiers differ of themselves, the rest is the hooks' work."""
    report = restored(environment, "none")
    first, second = report["restored"]
    assert report["open"] == 2
    assert first["random"] == second["random"]
    assert first["backend"] == second["backend"]
    assert set(first["sockets"]) & set(second["sockets"])
    assert first["id"] != second["id"]


def test_identifiers_of_two_copies_differ_at_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    from falachefe.kernel import ids

    monkeypatch.setattr("time.time_ns", lambda: 1_795_183_200_000_000_000)
    made = set()
    for _ in range(2):
        monkeypatch.setattr(ids, "_last_tick", 0)
        made |= {new_id() for _ in range(1_000)}
    assert len(made) == 2_000
