"""One function under the real runtime interface: the emulator that ships with aws-sam-cli, and awslambdaric."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local.processes import free_port, listens

ROOT = Path(__file__).parents[2]
_PATH = "/2015-03-31/functions/function/invocations"


def emulator() -> Path:
    (found,) = ROOT.glob(".tools/sam/lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-x86_64")
    return found


class Runtime:
    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def invoke(self, event: Mapping[str, Any]) -> Any:
        self._connection.request("POST", _PATH, json.dumps(event))
        answer = json.loads(self._connection.getresponse().read())
        if isinstance(answer, dict) and "errorMessage" in answer:  # the emulator answers 200 to a failure
            raise RuntimeError(f"the function failed: {answer}")
        return answer


@contextmanager
def runtime(handler: str, folders: list[Path], environment: Mapping[str, str]) -> Iterator[Runtime]:
    """A fresh runtime that has not imported anything yet: the first `invoke` pays for all of it."""
    port, api_port = free_port(), free_port()
    process = subprocess.Popen(
        [
            str(emulator()),
            "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
            "--runtime-api-address", f"127.0.0.1:{api_port}",
            sys.executable, "-m", "awslambdaric", handler,
        ],
        env={
            **os.environ,
            **environment,
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
            "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "30",
            "_HANDLER": handler,
        },
        cwd=folders[0],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        while not listens(port):
            time.sleep(0.01)
        yield Runtime(port)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
