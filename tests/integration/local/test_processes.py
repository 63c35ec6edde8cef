"""Background processes: found again by pid file, stopped with all their children, never mistaken for another."""

import json
import os
import socket
import sys
import time
from pathlib import Path

import pytest

from infra.local.console import Refused
from infra.local.processes import Daemon, alive, free_port

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def started(tmp_path: Path, code: str) -> Daemon:
    daemon = Daemon("worker", tmp_path)
    daemon.start([sys.executable, "-c", code], os.environ, tmp_path)
    return daemon


def test_stopping_ends_the_process_and_its_children(tmp_path: Path) -> None:
    daemon = started(tmp_path, PARENT)
    daemon.wait_until(lambda: bool(daemon.log.read_text().strip()), 20)
    child = int(daemon.log.read_text())

    assert daemon.stop()
    while alive(child):  # the kernel delivers the signal in its own time
        time.sleep(0.01)
    assert daemon.pid() is None
    assert not daemon.stop()


def test_another_process_with_the_same_number_does_not_count(tmp_path: Path) -> None:
    daemon = Daemon("worker", tmp_path)
    (tmp_path / "worker.pid").write_text(json.dumps({"pid": os.getpid(), "started": "earlier"}))

    assert daemon.pid() is None
    assert not daemon.stop()


def test_half_a_pid_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "worker.pid").write_text('{"pid": 1')

    assert Daemon("worker", tmp_path).pid() is None


def test_a_process_that_dies_at_once_shows_its_log(tmp_path: Path) -> None:
    daemon = started(tmp_path, "raise SystemExit('no port left')")

    with pytest.raises(Refused, match="no port left"):
        daemon.wait_until(lambda: False, 20)


def test_a_taken_port_is_not_given_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert free_port(port) != port
