"""The AWS emulator of an instance. The rest of infra/local knows its endpoint only: another can take its place."""

import os
import shutil
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

from infra.local.deploy_check.calls import FOLDER, RECORDER
from infra.local.paths import EMULATOR_PYTHON
from infra.local.processes import Daemon, free_port

if TYPE_CHECKING:
    from boto3 import Session

REGION = "sa-east-1"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
# What it would listen on or record beyond what the product uses.
_OFF = {"IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "CLOUDTRAIL_RECORDING": "0"}


class Emulator:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._daemon = Daemon("emulator", directory)
        self._port_file = directory / "emulator.port"

    @property
    def log(self) -> Path:
        return self._daemon.log

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port_file.read_text().strip()}"

    def running(self) -> bool:
        return self._daemon.pid() is not None and self._answers()

    def start(self, preferred_port: int | None) -> None:
        """Starts it empty: its state is in memory, and what it serves is deployed anew."""
        self.stop()
        port = free_port(preferred_port)
        self._directory.mkdir(parents=True, exist_ok=True)
        self._port_file.write_text(str(port))
        scratch = self._directory / "workers"
        shutil.rmtree(scratch, ignore_errors=True)  # a crash leaves the workers' unpacked code
        scratch.mkdir()
        environment = {
            **_outer_environment(),
            **_CREDENTIALS,
            **_OFF,
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "TMPDIR": str(scratch),
            "STATE_DIR": str(self._directory / "state"),
            # A worker starts in half a second; it stays for an hour, so that a talk in the simulator does not pause.
            "LAMBDA_WARM_TTL_SECONDS": "3600",
            # Traces have nowhere to go here.
            "POWERTOOLS_TRACE_DISABLED": "true",
            **_recording(),
        }
        self._daemon.start([str(EMULATOR_PYTHON), "-m", "ministack"], environment, self._directory)
        self._daemon.wait_until(self._answers, 30)

    def stop(self) -> bool:
        ran = self._daemon.stop()
        shutil.rmtree(self._directory / "workers", ignore_errors=True)
        return ran

    def session(self) -> "Session":
        import boto3

        return boto3.Session(
            aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )

    def client(self, service: str) -> Any:
        return self.session().client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload]  # by name

    def environment(self) -> dict[str, str]:
        """What a process needs so that its AWS clients come here."""
        return {
            **_CREDENTIALS,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
        }

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


def _recording(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The workers inherit it: with a folder to record into they note their AWS calls (deploy_check/calls.py)."""
    folder = environ.get(FOLDER)
    if not folder:
        return {}
    Path(folder).mkdir(parents=True, exist_ok=True)
    return {FOLDER: folder, "PYTHONPATH": str(RECORDER)}


def _outer_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Our own environment without what would reach the workers: settings for AWS, for Python, for the functions."""
    strange = ("AWS_", "PYTHON", "POWERTOOLS_", "VIRTUAL_ENV", "GATEWAY_PORT", "EDGE_PORT", "PERSIST_STATE")
    return {name: value for name, value in environ.items() if not name.startswith(strange)}
