"""`python -m infra.local up|down|reset|logs|psql|invoke`, called by the Makefile."""

import argparse
import sys
from pathlib import Path

from infra.local.console import Refused, fail


def main() -> int:
    options = _options()
    try:
        return _run(options)
    except Refused as refused:
        fail(str(refused))
        return 1
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace) -> int:
    from infra.local.stack.instance import Instance

    instance = Instance()
    match options.command:
        case "up":
            instance.up()
        case "down":
            instance.down()
        case "reset":
            instance.reset()
        case "logs":
            from infra.local.commands.logs import show

            show(instance, name=options.function, follow=options.follow)
        case "invoke":
            from infra.local.commands.invoke import invoke

            return invoke(instance, options.function, options.event)
        case "psql":
            from infra.local.commands.psql import psql

            return psql(instance)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start the stack, or deploy changed code to the running one")
    commands.add_parser("down", help="stop everything; the database is kept")
    commands.add_parser("reset", help="stop everything and delete the data")
    commands.add_parser("psql", help="open psql as the superuser")
    logs = commands.add_parser("logs", help="show the functions' logs")
    logs.add_argument("function", nargs="?", default="", help="part of a function's name, e.g. webhook-uaz")
    logs.add_argument("--follow", action="store_true")
    invoke = commands.add_parser("invoke", help="run one function under the runtime interface emulator")
    invoke.add_argument("function", help="e.g. whatsapp/webhook_uaz")
    invoke.add_argument("event", type=Path, help="e.g. events/whatsapp/text.json")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
