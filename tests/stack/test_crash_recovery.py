"""`make up` after a crash. Runs late (`LAST` in infra/developer/suite.py): the emulator loses its state in it."""

import os
import signal
import time
from typing import Any

from infra.local.processes import Daemon, alive
from tests.stack.conftest import Deployed
from tests.stack.test_instance import get


def crash(daemon: Daemon) -> None:
    pid = daemon.pid()
    assert pid is not None
    os.killpg(pid, signal.SIGKILL)
    gone(pid)


def gone(pid: int) -> None:
    while alive(pid):
        time.sleep(0.01)


def test_up_recovers_after_all_processes_were_killed(deployed: Deployed, stack: dict[str, Any]) -> None:
    directory = deployed.instance.directory
    postmaster = int((directory / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    gone(postmaster)
    crash(Daemon("emulator", directory / "emulator"))
    crash(Daemon("front_door", directory))
    (directory / "deployed.json").write_text('{"half": ')

    again = deployed.instance.up()

    assert again["demo"] == stack["demo"]
    assert again["front_door"] == stack["front_door"]
    assert get(f"{again['front_door']}/v1/platform/health/live") == (200, {"status": "live"})
    status, ready = get(f"{again['front_door']}/v1/platform/health/ready")
    assert (status, ready["status"]) == (200, "ok")
