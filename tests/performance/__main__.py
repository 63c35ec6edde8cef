"""`make bench`: all benchmarks. `python -m tests.performance webhook router` runs some."""

import sys

from tests.performance import (
    bench_accounts,
    bench_cost,
    bench_crud,
    bench_database,
    bench_imports,
    bench_router,
    bench_turns,
    bench_webhook,
)

BENCHMARKS = {
    "webhook": bench_webhook.main,
    "imports": bench_imports.main,
    "router": bench_router.main,
    "database": bench_database.main,
    "turns": bench_turns.main,
    "accounts": bench_accounts.main,
    "crud": bench_crud.main,
    "cost": bench_cost.main,
}

if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - set(BENCHMARKS)
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    for name in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[name]()
