"""One running instance of the whole product: Postgres, emulator, deployed application, front door.

All files of an instance are in its directory (`.local`, unless FALACHEFE_LOCAL_DIR names another), so that the tests'
instance and a developer's can run at the same time. Each step does what is missing, so `up` can be repeated and
recovers from a crash.
"""

import fcntl
import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local.console import Refused, note
from infra.local.paths import PYTHON, ROOT, instance_dir
from infra.local.processes import Daemon, free_port
from infra.local.stack import deploy, sync
from infra.local.stack.artifacts import content_hash
from infra.local.stack.database import prepare
from infra.local.stack.emulator import Emulator
from infra.local.stack.gateway import gateway_of
from infra.local.stack.package import Package, package
from infra.local.stack.postgres import LocalPostgres, PostgresAddress
from infra.local.stack.vault import Vault

DOMAINS = ("auth", "admin", "whatsapp", "crews", "business", "platform")
# Preferred ports of `.local`. If one is taken, a free one is used. An instance keeps its ports.
_PREFERRED = {"front_door": 8000, "emulator": 4566, "postgres": 54320}
_LOCK = ".lock"


class Instance:
    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory or instance_dir()
        self.stack_file = self.directory / "stack.json"
        self.emulator = Emulator(self.directory / "emulator")
        self.postgres = LocalPostgres(self.directory / "postgres", port=self._port("postgres"))
        self._front_door = Daemon("front_door", self.directory)

    def up(self) -> dict[str, Any]:
        """Starts everything and returns the content of stack.json."""
        with self._alone():
            address = self._postgres_up()
            vault = Vault(self.directory / "secrets.json")
            prepare(address, vault)
            port = self._front_door_port()
            front_door = f"http://127.0.0.1:{port}"
            self._application_up(address, vault, front_door)
            outputs = deploy.outputs(self.emulator)
            note("seeding the demo company")
            document = {
                "front_door": front_door,
                "aws_endpoint": self.emulator.endpoint,
                "database_url": address.url(deploy.DATABASE),
                "demo": self._seed(front_door),
                "apis": {
                    domain: f"{self.emulator.endpoint}/_aws/execute-api/{outputs[f'{domain.capitalize()}ApiId']}/v1"
                    for domain in DOMAINS
                },
                "gateways": {
                    domain: gateway_of(domain, {"AllowedOrigins": deploy.ALLOWED_ORIGINS}) for domain in DOMAINS
                },
            }
            _write(self.stack_file, document)
            self._front_door_up(port)
        note(f"ready: {front_door}/simulator is the chat, `make demo` talks by itself")
        return document

    def down(self) -> None:
        """Stops the processes. The database is kept, the emulator's state is lost."""
        with self._alone():
            for name, stop in (
                ("front door", self._front_door.stop),
                ("emulator", self.emulator.stop),
                ("Postgres", self.postgres.stop),
            ):
                note(f"{name} stopped" if stop() else f"{name} was not running")
            self._forget_deployment()

    def reset(self) -> None:
        """Stops everything and deletes the instance's data."""
        self.down()
        with self._alone():
            for path in self.directory.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != _LOCK:
                    path.unlink()
        note(f"wiped {self.directory.name}")

    # ---- Postgres

    def _postgres_up(self) -> PostgresAddress:
        if not self.postgres.running():
            note("starting Postgres")
        address = self.postgres.start()
        self._remember_port("postgres", address.port)
        return address

    # ---- emulator and application

    def _application_up(self, address: PostgresAddress, vault: Vault, front_door: str) -> None:
        deployed = self._deployed(address, front_door)
        if not self.emulator.running() or deployed is None:
            self._forget_deployment()
            note("starting the AWS emulator")
            self.emulator.start(self._port("emulator"))
            self._remember_port("emulator", int(self.emulator.endpoint.rpartition(":")[2]))
            deployed = None
        built = package(self.emulator.endpoint)
        deploy.upload(self.emulator, built)
        if deployed is None:
            note("deploying the stack")
            deploy.create(self.emulator, built, address, vault.owner(), front_door)
            deploy.fill_secrets(self.emulator, vault.values())
            deploy.verify_sender(self.emulator)
            note(f"database at revision {deploy.outputs(self.emulator)['SchemaRevision']}")
        elif changed := sync.sync_code(self.emulator, deployed["code"], built):
            note(f"updated {', '.join(changed)}")
            if "layer:MigrationsLayer" in changed:
                self._migrate()
        self._remember_deployment(built, address, front_door)

    def _migrate(self) -> None:
        name = deploy.outputs(self.emulator)["MigrateFunctionName"]
        answer = deploy.invoke(self.emulator, name, {})
        note(f"database at revision {answer['Revision']}")

    def _deployed(self, address: PostgresAddress, front_door: str) -> dict[str, Any] | None:
        """The record of the running deployment, or None when the application must be deployed again."""
        known = _read(self._deployment_file)
        current = {"shape": sync.shape(), "database": address.port, "front_door": front_door}
        if not known or not self.emulator.running() or any(known.get(key) != value for key, value in current.items()):
            return None
        return known

    def _remember_deployment(self, built: Package, address: PostgresAddress, front_door: str) -> None:
        known = {"shape": sync.shape(), "database": address.port, "front_door": front_door, "code": built.code}
        _write(self._deployment_file, known)

    def _forget_deployment(self) -> None:
        self._deployment_file.unlink(missing_ok=True)
        self.stack_file.unlink(missing_ok=True)

    @property
    def _deployment_file(self) -> Path:
        return self.directory / "deployed.json"

    # ---- seed and front door

    def _seed(self, front_door: str) -> dict[str, Any]:
        """Seeds the demo company in a separate process with the environment of a function."""
        environment = {**os.environ, **self.emulator.environment(), **self.function_environment()}
        environment["PYTHONPATH"] = str(ROOT / "layers" / "domain" / "python")
        command = [str(PYTHON), "-m", "infra.local.demo.seed", "--front-door", front_door]
        command += ["--memory", str(self.directory / "demo.json")]
        done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise Refused("the demo company could not be seeded (see above)")
        seeded: dict[str, Any] = json.loads(done.stdout)
        return seeded

    def deployed_code(self) -> dict[str, str]:
        """Keys in the bucket by layer and by code folder, as last deployed."""
        known: dict[str, str] = _read(self._deployment_file).get("code", {})
        return known

    def function_environment(self) -> dict[str, str]:
        """The merged variables of all deployed functions, for programs that run the product's code."""
        variables: dict[str, str] = {}
        for page in self.emulator.client("lambda").get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                variables |= function.get("Environment", {}).get("Variables", {})
        for name in ("OWNER_SECRET_ARN", "POWERTOOLS_SERVICE_NAME"):
            variables.pop(name, None)
        return variables

    def _front_door_port(self) -> int:
        if self._front_door.pid() is not None and (port := self._port("front_door")):
            return port
        port = free_port(self._port("front_door"))
        self._remember_port("front_door", port)
        return port

    def _front_door_up(self, port: int) -> None:
        code = content_hash([ROOT / "infra" / "local" / "front_door"])
        code_file = self.directory / "front_door.code"
        if self._front_door.pid() is not None and code_file.exists() and code_file.read_text() == code:
            return
        self._front_door.stop()
        note(f"starting the front door on port {port}")
        command = [str(PYTHON), "-m", "infra.local.front_door", "--port", str(port), "--stack", str(self.stack_file)]
        self._front_door.start(command, os.environ, ROOT)
        self._front_door.wait_until(lambda: _answers(f"http://127.0.0.1:{port}/simulator"), 15)
        code_file.write_text(code)

    # ---- files of the directory

    def _port(self, name: str) -> int | None:
        port: int | None = _read(self.directory / "ports.json").get(name)
        return port or (_PREFERRED[name] if self.directory == ROOT / ".local" else None)

    def _remember_port(self, name: str, port: int) -> None:
        _write(self.directory / "ports.json", _read(self.directory / "ports.json") | {name: port})

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two runs on one instance wait for each other. The lock is released when its process ends."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / _LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                note("another run is working on this instance; waiting for it")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _read(path: Path) -> dict[str, Any]:
    """The file's JSON, or `{}` when it is missing or incomplete after a crash."""
    try:
        known: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return known


def _write(path: Path, document: dict[str, Any]) -> None:
    """Replaces the file atomically."""
    scratch = path.with_name(f".{path.name}.part")
    scratch.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    scratch.replace(path)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
