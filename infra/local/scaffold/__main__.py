"""python -m infra.local.scaffold resource|endpoint|worker name=… …   creates one
python -m infra.local.scaffold undo                               removes the newest one
"""

import sys

from infra.local.console import Refused
from infra.local.scaffold import endpoint, resource, tree, worker

_PLANS = {"resource": resource.plan, "endpoint": endpoint.plan, "worker": worker.plan}


def main(arguments: list[str]) -> int:
    kind, given = (arguments or [""])[0], dict(_pair(one) for one in arguments[1:])
    if kind not in (*_PLANS, "undo"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        title, paths = tree.undo() if kind == "undo" else tree.write(_PLANS[kind](given))
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    print(f"{title} {'taken away' if kind == 'undo' else 'made'}:", *paths, sep="\n  ")
    return 0


def _pair(given: str) -> tuple[str, str]:
    key, _, value = given.partition("=")
    return key, value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
