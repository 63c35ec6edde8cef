"""The composition root of the functions that run agents."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from falachefe.app import runtime
from falachefe.app.workers import queue_worker
from falachefe.aws.emf import emit
from falachefe.aws.queue_policies import QUEUES
from falachefe.aws.worker import Delivery, Event, Handler, Worker
from falachefe.crews.tools.registry import run_tool
from falachefe.crews.turns.claim import QueueDelivery
from falachefe.crews.turns.finish import Outcome
from falachefe.crews.turns.run import TaskDependencies, run_task
from falachefe.crews.turns.types import HandoffRequest, Journal, Reply, Toolbox, TurnInput
from falachefe.kernel.config import Settings
from falachefe.kernel.observability.logs import logger
from falachefe.language.warm_up import warm_up


@cache
def task_dependencies() -> TaskDependencies:
    return TaskDependencies(runtime.database(), runtime.publisher(), runtime.clock(), run_agent, run_tool)


def run_agent(
    turn: TurnInput, journal: Journal, toolbox: Toolbox, llm_config: Mapping[str, Any]
) -> Reply | HandoffRequest:
    from falachefe.app.agent_models import answer  # noqa: PLC0415  # over 1 s of pydantic-ai, paid by the first run of an agent

    return answer(turn, journal, toolbox, llm_config)


@dataclass(frozen=True, slots=True)
class AgentSettings(Settings):
    agent_role: str


def agent_handler() -> Handler:
    """The Lambda handler of the queue of the agent in `AGENT_ROLE`."""
    warm_up()

    def handle(event: Event, context: Any) -> Event:
        return worker_of(_settings().agent_role)(event, context)

    return handle


@cache
def _settings() -> AgentSettings:
    return AgentSettings.from_env()


@cache
def worker_of(role: str) -> Worker:
    """The worker of a role's queue. A task of another role fails, and ends in the quarantine."""
    queue = f"agent-{role}"

    def process(payload: dict[str, Any], delivery: Delivery) -> None:
        queue_delivery = QueueDelivery(delivery.message_id, delivery.deliveries, QUEUES[queue].backoff_after)
        count(run_task(payload, task_dependencies(), role=role, delivery=queue_delivery))

    return queue_worker(queue, process)


def count(outcome: Outcome) -> None:
    now = runtime.clock().now()
    emit("crew_tasks_total", now, role=outcome.role, status=outcome.kind)
    if outcome.kind == "handed_off":
        emit("crew_handoffs_total", now, origin=outcome.role, target=outcome.path[-1])
    logger().info(
        "a task ended",
        task_id=str(outcome.task_id),
        role=outcome.role,
        outcome=outcome.kind,
        execution_time_ms=outcome.execution_time_ms,
        error=outcome.error,
    )
