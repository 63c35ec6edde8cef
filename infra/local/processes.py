"""Background processes of an instance: started detached, found by pid file, stopped with their children."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.local.console import Refused

_STOP_S = 10
# Daemons outlive this process on purpose. Popen warns when it is collected before its process ends.
_launched: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Daemon:
    """One background process; `directory` contains its pid file and its log."""

    name: str
    directory: Path

    @property
    def log(self) -> Path:
        return self.directory / f"{self.name}.log"

    @property
    def _pid_file(self) -> Path:
        return self.directory / f"{self.name}.pid"

    def pid(self) -> int | None:
        """The process id while it runs; None when the id has since been reused by another process."""
        try:
            known = json.loads(self._pid_file.read_text())
            running = _start_time(known["pid"]) == known["started"]
        except (FileNotFoundError, ProcessLookupError, ValueError, KeyError):
            return None
        return int(known["pid"]) if running else None

    def start(self, command: Sequence[str], environment: Mapping[str, str], cwd: Path) -> int:
        self.directory.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, env=dict(environment), cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        _launched.append(process)
        started = {"pid": process.pid, "started": _start_time(process.pid)}
        self._pid_file.write_text(json.dumps(started))
        return process.pid

    def stop(self) -> bool:
        """Ends its whole process group. Returns whether it was running."""
        pid = self.pid()
        if pid is not None:
            _end_group(pid)
        self._pid_file.unlink(missing_ok=True)
        return pid is not None

    def wait_until(self, ready: Callable[[], bool], timeout_s: float) -> None:
        """Raises `Refused` with the end of its log when it ends or is not ready in time."""
        deadline = time.monotonic() + timeout_s
        while not ready():
            if self.pid() is None or time.monotonic() > deadline:
                tail = self.log.read_text(errors="replace").splitlines()[-12:]
                raise Refused(f"{self.name} did not start; the end of {self.log}:\n  " + "\n  ".join(tail))
            time.sleep(0.05)


def alive(pid: int) -> bool:
    """False for zombies too: in a container they may never be reaped."""
    try:
        _start_time(pid)
    except ProcessLookupError:
        return False
    return True


def _start_time(pid: int) -> str:
    """The process's start time. Raises ProcessLookupError when it has ended or is a zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        if Path("/proc/self").exists():
            raise ProcessLookupError(pid) from None
        return _start_time_without_proc(pid)
    if status[0] == "Z":
        raise ProcessLookupError(pid)
    return status[19]


def _start_time_without_proc(pid: int) -> str:
    shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    if not shown.stdout.strip():
        raise ProcessLookupError(pid)
    return shown.stdout.strip()


def _end_group(pid: int) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + _STOP_S
        while time.monotonic() < deadline:
            with suppress(ChildProcessError):  # it is a child only if this process started it
                os.waitpid(pid, os.WNOHANG)
            if not alive(pid):
                break  # the leader has ended: SIGKILL for the rest of the group
            time.sleep(0.05)


def free_port(preferred: int | None = None) -> int:
    """`preferred` when it is free, else any free port of the loopback interface."""
    for port in [preferred, 0] if preferred else [0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port or 0))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Refused("no free port on 127.0.0.1")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(port: int, timeout_s: float) -> None:
    """Waits until a process listens on the port. Raises `Refused` after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not listens(port):
        if time.monotonic() > deadline:
            raise Refused(f"nothing listens on port {port} after {timeout_s:.0f} s")
        time.sleep(0.01)
