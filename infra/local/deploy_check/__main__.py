"""`python -m infra.local.deploy_check`: prints a table of the checks and the faults, and fails if there are any."""

import sys

from infra.local.console import Refused
from infra.local.deploy_check import calls, cost, limits, linters, permissions
from infra.local.deploy_check.findings import Checked, table
from infra.local.deploy_check.stacks import templates


def main() -> int:
    try:
        checks = [
            Checked("transform", f"{len(templates())} templates"),
            *linters.check(),
            limits.check(),
            limits.check_sizes(),
            *permissions.check(calls.read()),
            cost.check(),
        ]
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    for one in checks:
        for note in one.notes:
            print(f"  note: {one.name}: {note}")
    print()
    print(table(checks))
    wrong = [f"{one.name}: {fault}" for one in checks for fault in one.faults]
    if wrong:
        print("\nwrong:")
        print("\n".join(f"  {line}" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
