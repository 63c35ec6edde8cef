"""AWS list price of an idle stage and of 1,000 answered messages: the template's resources, and the processor time of
each function that a message runs, measured here. `--write` keeps the milliseconds for `make deploy-check`."""

import contextlib
import io
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from falachefe.aws.rate_limit import SlidingLimit, Verdict
from falachefe.db.address import DatabaseAddress
from falachefe.db.engine import Database, make_engine
from falachefe.db.outbox import QueueMessage
from infra.local.deploy_check import cost
from infra.local.openapi.handlers import module_of
from infra.local.paths import ROOT
from infra.local.stack.postgres import temporary_postgres
from tests.performance import bench_turns, bench_webhook
from tests.performance.aws_standin import aws_standin
from tests.performance.report import Row, show

RUNS = 150
WARM_UP = 30


class Unlimited(SlidingLimit):
    """Allows everything without a call: its call to DynamoDB is part of the assumed waiting times."""

    def __init__(self) -> None:
        pass

    def hit(
        self, key: str, *, limit: int, window_s: int, now: datetime, distinct: str | None = None, weight: int = 1
    ) -> Verdict:
        return Verdict(True, limit - 1, 0)


class Queues(bench_turns.Queues):
    def __init__(self) -> None:
        super().__init__()
        self.replies: list[QueueMessage] = []

    def publish(self, queue_messages: Any) -> Any:
        self.replies += [queue_message for queue_message in queue_messages if queue_message.destination == "outbound"]
        return super().publish(queue_messages)


def _busy(action: Callable[[], object]) -> float:
    began = time.process_time()
    action()
    return (time.process_time() - began) * 1_000


def _serve(ready: Any, item: Any) -> None:
    with aws_standin(item, delay_s=bench_webhook.AWS_ANSWERS_IN_S) as endpoint:
        ready.put(endpoint)
        time.sleep(600)


def webhook_ms() -> float:
    """Processor time of one message; the AWS stand-in runs in another process."""
    context = multiprocessing.get_context("spawn")
    ready = context.Queue()
    aws = context.Process(target=_serve, args=(ready, bench_webhook.channel()), daemon=True)
    aws.start()
    os.environ.update(bench_webhook.environment(ready.get(timeout=60)))
    handler = module_of(ROOT / "functions" / "whatsapp" / "webhook_uaz.py").handler
    times = []
    with contextlib.redirect_stdout(io.StringIO()):
        for _ in range(WARM_UP + RUNS):
            event = bench_webhook.event()
            times.append(_busy(lambda event=event: bench_webhook.check(handler(event, None))))  # type: ignore[misc]
    aws.terminate()
    return statistics.mean(times[WARM_UP:])


def workers_ms(address: DatabaseAddress, users: list[bench_turns.CompanyUser]) -> dict[str, float]:
    from falachefe.app import agent_models
    from falachefe.crews.tools.registry import run_tool
    from falachefe.crews.turns.messaging_adapter import CrewsForMessaging
    from falachefe.crews.turns.run import TaskDependencies, run_task
    from falachefe.kernel.clock import SystemClock
    from falachefe.messaging.inbound.process import Inbound
    from falachefe.messaging.outbound.send import Sender
    from falachefe.messaging.providers.base import Accepted
    from falachefe.messaging.providers.uaz import Uaz
    from falachefe.phone_sign_in.codes import Codes
    from falachefe.phone_sign_in.service import SignIn, subject_of

    class Phones(Uaz):
        def send_text(self, channel: Any, message: Any) -> Accepted:
            return Accepted(f"3EB0{time.monotonic_ns():018X}")

    clock, queues, database = SystemClock(), Queues(), Database(lambda: make_engine(address))
    sign_in = SignIn(bench_turns.MemoryTable(), lambda: Codes("x" * 32))
    inbound = Inbound(database, queues, sign_in, clock, lambda *_, **__: None, CrewsForMessaging())
    dependencies = TaskDependencies(database, queues, clock, agent_models.answer, run_tool)
    sender = Sender(
        database=database,
        publisher=queues,
        providers=lambda _: Phones(),
        secret=lambda _: {"instance_token": "bench"},
        codes=lambda: Codes("x" * 32),
        limits=Unlimited(),
        clock=clock,
        count=lambda *_, **__: None,
    )
    for desk in users:
        sign_in.create_session(desk.company_id, desk.phone, subject=subject_of(desk.user_id), now=datetime.now(UTC))
    times: dict[str, list[float]] = {name: [] for name in cost.WAY if name != "whatsapp-webhook-uaz"}
    for number in range(WARM_UP + RUNS):
        desk = users[number % len(users)]
        text = bench_turns.TEXTS[number % len(bench_turns.TEXTS)].format(n=number + 1)
        payload = bench_turns.inbound_payload(desk, text)
        times["whatsapp-process-inbound"].append(_busy(lambda payload=payload: inbound(payload)))  # type: ignore[misc]
        task = queues.agents.pop().payload
        times["crews-run-financial-agent"].append(_busy(lambda task=task: run_task(task, dependencies)))  # type: ignore[misc]
        reply = queues.replies.pop().payload
        times["whatsapp-send-outbound"].append(_busy(lambda reply=reply: sender(reply)))  # type: ignore[misc]
    database.dispose()
    return {name: statistics.mean(values[WARM_UP:]) for name, values in times.items()}


def measure() -> dict[str, float]:
    """Milliseconds of processor time per run, by function."""
    with temporary_postgres() as server:
        superuser, address = bench_turns.prepared(server)
        companies = bench_turns.open_companies(superuser, 1)
        of_workers = workers_ms(address, companies[0])
        superuser.dispose()
    return {"whatsapp-webhook-uaz": round(webhook_ms(), 2)} | {name: round(ms, 2) for name, ms in of_workers.items()}


def main() -> None:
    cpu_ms = measure()
    if "--write" in sys.argv:
        cost.keep(cpu_ms, datetime.now(UTC).date().isoformat())
    rows = [Row(f"processor of {name}", f"{ms:.1f} ms", "", "", "") for name, ms in cpu_ms.items()]
    for size in cost.SIZES:
        made = cost.stage(size)
        for region in cost.REGIONS:
            price = cost.prices(region)
            thousand, idle = cost.a_thousand(made, price, cpu_ms).total, cost.idle(made, price).total
            rows.append(Row(f"{size}, {region}: 1,000 messages", f"US$ {thousand:.3f}", "", "", "<= US$ 0.15"))
            target = "<= US$ 100" if size == "small" else ""
            rows.append(Row(f"{size}, {region}: idle a month", f"US$ {idle:.0f}", "", "", target))
    show(f"AWS list price (prices of {cost.as_of()}; offline model)", rows)


if __name__ == "__main__":
    main()
