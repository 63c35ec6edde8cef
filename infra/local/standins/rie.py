"""Runs one function with the Lambda runtime interface emulator (part of aws-sam-cli) and awslambdaric.

The function can import only what it can import in Lambda: its folder, its layers and the runtime's client. In the
project's environment a package that is missing in the layers would not be noticed.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from infra.local.console import Refused
from infra.local.paths import TOOLS
from infra.local.processes import free_port, wait_for
from infra.local.stack.artifacts import ARCHITECTURE

_PATH = "/2015-03-31/functions/function/invocations"
_START_S = 20
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


class Runtime:
    """A running runtime. It handles one event at a time."""

    def __init__(self, port: int, timeout_s: float) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s + 30)

    def invoke(self, event: Any) -> Any:
        """The function's response; for a failure a map with `errorMessage`, because the emulator always answers 200."""
        self._connection.request("POST", _PATH, json.dumps(event))
        return json.loads(self._connection.getresponse().read() or b"null")


@contextmanager
def runtime(
    handler: str,
    folders: Sequence[Path],
    environment: Mapping[str, str],
    *,
    timeout_s: int = 30,
    log: IO[bytes] | None = None,
) -> Iterator[Runtime]:
    """Starts a runtime that has imported nothing yet. `folders` are the function's and its layers' `python/`."""
    port, api_port = free_port(), free_port()
    process = subprocess.Popen(
        [
            str(interface_emulator()),
            "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
            "--runtime-api-address", f"127.0.0.1:{api_port}",
            str(_bare_python()), "-m", "awslambdaric", handler,
        ],
        env={
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            "AWS_LAMBDA_FUNCTION_NAME": "function",
            **environment,
            "PYTHONPATH": os.pathsep.join(map(str, [*folders, TOOLS / "runtime"])),
            "PYTHONNOUSERSITE": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout_s),
            "LAMBDA_TASK_ROOT": str(folders[0]),
            "_HANDLER": handler,
        },
        cwd=folders[0],
        stdin=subprocess.DEVNULL,
        stdout=log or subprocess.DEVNULL,
        stderr=log or subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        wait_for(port, _START_S)
        yield Runtime(port, timeout_s)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _bare_python() -> Path:
    """The interpreter of the project's environment, without its packages."""
    return Path(sys.base_prefix, "bin", "python3.13")


def interface_emulator() -> Path:
    """The emulator's program for this architecture, from the SAM CLI's package."""
    name = f"aws-lambda-rie-{ARCHITECTURE}"
    found = sorted(TOOLS.glob(f"sam/lib/python3*/site-packages/samcli/local/rapid/{name}"))
    if not found:
        raise Refused("the SAM CLI is not set up; `make invoke` does it")
    return found[0]
