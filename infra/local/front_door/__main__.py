"""`python -m infra.local.front_door --port 8000 --stack .local/stack.json`"""

import argparse
import signal
import sys
import threading
from pathlib import Path

from infra.local.front_door.app import FrontDoor
from infra.local.front_door.stack import StackFile
from infra.local.front_door.web import make_server


def main() -> int:
    options = _options()
    front_door = FrontDoor(StackFile(options.stack))
    try:
        server = make_server(options.host, options.port, front_door, quiet=options.quiet)
    except OSError as taken:
        print(f"Cannot listen on {options.host}:{options.port}: {taken.strerror}", file=sys.stderr)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the serving loop, which this very thread runs.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"Front door on http://{options.host}:{server.server_port}, simulator at /simulator", flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    front_door.close()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local.front_door", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--stack", type=Path, default=Path(".local/stack.json"))
    parser.add_argument("--quiet", action="store_true", help="write no line for each request")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
