"""One function under the real runtime interface: the interface emulator that aws-sam-cli brings, and awslambdaric.

Only what a function has in Lambda can be imported: its folder, its layers, the runtime's own client. Not the project's
environment, in which a package that no layer holds would be found all the same.
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
    """A runtime that waits for events; it takes one at a time."""

    def __init__(self, port: int, timeout_s: float) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s + 30)

    def invoke(self, event: Any) -> Any:
        """The function's answer. A failure comes as a map with `errorMessage`: the interface answers 200 to all."""
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
    """A fresh runtime that has imported nothing yet. `folders` are the function's own and its layers' `python/`."""
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
    """The interpreter under the project's environment, which brings no packages."""
    return Path(sys.base_prefix, "bin", "python3.13")


def interface_emulator() -> Path:
    """Its program for this machine, out of the SAM CLI's package."""
    name = f"aws-lambda-rie-{ARCHITECTURE}"
    found = sorted(TOOLS.glob(f"sam/lib/python3*/site-packages/samcli/local/rapid/{name}"))
    if not found:
        raise Refused("the SAM CLI is not set up; `make invoke` does it")
    return found[0]
