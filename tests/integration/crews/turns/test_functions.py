"""The Lambda handlers on their sample events."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from falachefe.access.permissions import permissions_of
from falachefe.app import agent_worker, runtime, workers
from falachefe.aws.rate_limit import Verdict
from falachefe.http.principal import Principal
from falachefe.sessions import authenticator
from tests.integration.crews.harness import TurnHarness

ROOT = Path(__file__).parents[4]
ROLES = ("orchestrator", "financial", "marketing", "hr", "support")


def _sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events" / "crews" / f"{name}.json").read_text())
    return event


@pytest.fixture
def handler(crew: TurnHarness, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Callable[[Any, Any], Any]]:
    """Loads a function's handler with the harness's dependencies."""
    monkeypatch.setattr(agent_worker, "task_dependencies", lambda: crew.dependencies)
    monkeypatch.setattr(runtime, "database", lambda: crew.database)
    monkeypatch.setattr(runtime, "publisher", lambda: crew.queues)
    monkeypatch.setattr(runtime, "clock", lambda: crew.clock)
    monkeypatch.setattr(workers, "client", lambda service: FakeSqs())
    monkeypatch.setattr(runtime, "queue_url", lambda destination: destination)

    def load(name: str) -> Callable[[Any, Any], Any]:
        module = importlib.reload(importlib.import_module(f"functions.crews.{name}"))
        entry: Callable[[Any, Any], Any] = module.handler
        return entry

    return load


@pytest.fixture
def agent(
    handler: Callable[[str], Callable[[Any, Any], Any]], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Callable[[Any, Any], Any]]:
    """Loads an agent's handler, with the role in the environment as in the template."""

    def load(role: str) -> Callable[[Any, Any], Any]:
        monkeypatch.setattr(
            agent_worker, "_settings", lambda: agent_worker.AgentSettings.from_env({"AGENT_ROLE": role})
        )
        return handler("run_agent")

    return load


class FakeSqs:
    def change_message_visibility_batch(self, **_: Any) -> dict[str, Any]:
        return {"Successful": []}


class UnlimitedLimits:
    def hit(self, key: str, *, limit: int, **_: Any) -> Verdict:
        return Verdict(True, limit - 1, 0)


def _signed_in(crew: TurnHarness, monkeypatch: pytest.MonkeyPatch, role: str = "admin") -> None:
    who = Principal(crew.user_id, crew.company_id, role, permissions_of(role), "s")
    monkeypatch.setattr(authenticator, "principal_of", lambda *_, **__: who)
    monkeypatch.setattr(runtime, "limits", UnlimitedLimits)


def _queue_message_event(crew: TurnHarness, role: str) -> dict[str, Any]:
    event = _sample(f"run_{role}_agent")
    event["Records"][0]["body"] = json.dumps(dict(crew.queues.agent_queue_messages.pop().payload))
    return event


def test_an_agents_function_runs_the_task_of_its_queue_message(
    crew: TurnHarness, agent: Callable[[str], Callable[[Any, Any], Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    crew.receive("gastei 10 reais com gasolina", "m1")
    answer = agent("financial")(_queue_message_event(crew, "financial"), None)
    assert answer == {"batchItemFailures": []}
    assert crew.replies() == ["Anotado: gastei 10 reais com gasolina"]
    assert "gasolina" not in capsys.readouterr().out


@pytest.mark.parametrize("role", [role for role in ROLES if role != "financial"])
def test_every_other_agents_function_returns_the_queue_message(
    crew: TurnHarness, agent: Callable[[str], Callable[[Any, Any], Any]], role: str
) -> None:
    crew.receive("gastei 10 reais com gasolina", "m1")
    event = _queue_message_event(crew, role)
    answer = agent(role)(event, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}
    assert crew.replies() == []


def test_a_queue_message_about_a_missing_task_is_returned(
    agent: Callable[[str], Callable[[Any, Any], Any]],
) -> None:
    assert agent("hr")(_sample("run_hr_agent"), None)["batchItemFailures"]


def test_process_answers_with_reply_agent_and_tools(
    crew: TurnHarness, handler: Callable[[str], Callable[[Any, Any], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _signed_in(crew, monkeypatch, "user")
    response = handler("process")(_sample("process"), None)
    assert response["statusCode"] == 200
    body = json.loads(response["body"])
    assert body["reply"] == "Anotado: gastei 150 de gasolina hoje"
    assert (body["agent"], body["handoffs"]) == ("financial", [])
    assert body["tools"] == [{"tool": "note", "args": {"what": "gastei 150 de gasolina hoje"}, "ok": True}]
    [task] = crew.tasks()
    assert (UUID(body["task_id"]), UUID(body["conversation_id"])) == (task.id, task.conversation_id)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 422),
        ("{", 400),
        ("[]", 422),
        ('{"message": 5}', 422),
        ('{"message": "   "}', 422),
        ('{"message": "\\u0000"}', 422),
        (json.dumps({"message": "a" * 5000}), 422),
        ('{"message": "oi", "company_id": "x"}', 422),
    ],
)
def test_process_refuses_invalid_requests(
    crew: TurnHarness,
    handler: Callable[[str], Callable[[Any, Any], Any]],
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    status: int,
) -> None:
    _signed_in(crew, monkeypatch)
    assert handler("process")(_sample("process") | {"body": body}, None)["statusCode"] == status
    assert crew.tasks() == []


def test_staff_can_read_the_status(
    crew: TurnHarness, handler: Callable[[str], Callable[[Any, Any], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _signed_in(crew, monkeypatch, "user")
    response = handler("status")(_sample("status"), None)
    assert response["statusCode"] == 200
    assert len(json.loads(response["body"])["crews"][0]["agents"]) == 5


def test_the_sweep_returns_its_counts(crew: TurnHarness, handler: Callable[[str], Callable[[Any, Any], Any]]) -> None:
    crew.receive("gastei 10 reais com gasolina", "m1")
    crew.queues.agent_queue_messages.clear()
    crew.wait(31)
    swept = handler("sweep")(_sample("sweep"), None)
    assert swept["companies"] >= 1
    assert swept["announced"] >= 1
    assert len(crew.queues.agent_queue_messages) == 1
