"""The AWS emulator of an instance. Other modules use only its endpoint, so that it can be replaced."""

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
# Turns off features that the product does not use.
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
        """Starts it empty. Its state is in memory, so everything is deployed again."""
        self.stop()
        port = free_port(preferred_port)
        self._directory.mkdir(parents=True, exist_ok=True)
        self._port_file.write_text(str(port))
        scratch = self._directory / "workers"
        shutil.rmtree(scratch, ignore_errors=True)  # a crash leaves unpacked code of workers
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
            # Workers stay warm for an hour, so that conversations in the simulator do not pause.
            "LAMBDA_WARM_TTL_SECONDS": "3600",
            # There is no X-Ray daemon here.
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
        """Environment variables that point a process's AWS clients to the emulator."""
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
    """Workers inherit these variables; with a folder set they record their AWS calls (deploy_check/calls.py)."""
    folder = environ.get(FOLDER)
    if not folder:
        return {}
    Path(folder).mkdir(parents=True, exist_ok=True)
    return {FOLDER: folder, "PYTHONPATH": str(RECORDER)}


def _outer_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """This process's environment without settings for AWS, Python and functions, which workers would inherit."""
    excluded = ("AWS_", "PYTHON", "POWERTOOLS_", "VIRTUAL_ENV", "GATEWAY_PORT", "EDGE_PORT", "PERSIST_STATE")
    return {name: value for name, value in environ.items() if not name.startswith(excluded)}
