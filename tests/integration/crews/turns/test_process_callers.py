"""Who may write to the crew: its agents act with all permissions of the caller's user."""

import importlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from falachefe.access.permissions import PERMISSIONS_OF
from falachefe.app import agent_worker, runtime
from falachefe.crews.tools.registry import TOOLS
from falachefe.http.principal import KeyFacts, Principal
from falachefe.kernel.ids import new_id
from falachefe.sessions import authenticator
from tests.integration.crews.harness import TurnHarness
from tests.integration.crews.turns.test_functions import UnlimitedLimits, _sample

type Ask = Callable[[Principal], tuple[int, dict[str, Any]]]

AGENTS_NEED = {spec.permission for spec in TOOLS.values() if spec.permission}


@pytest.fixture
def ask(crew: TurnHarness, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Sends the sample's message as a principal; returns status and body."""
    monkeypatch.setattr(agent_worker, "task_dependencies", lambda: crew.dependencies)
    monkeypatch.setattr(runtime, "clock", lambda: crew.clock)
    monkeypatch.setattr(runtime, "limits", UnlimitedLimits)
    handler = importlib.reload(importlib.import_module("functions.crews.process")).handler

    def send(who: Principal) -> tuple[int, dict[str, Any]]:
        monkeypatch.setattr(authenticator, "principal_of", lambda *_, **__: who)
        answer = handler(_sample("process"), None)
        return answer["statusCode"], json.loads(answer["body"])

    return send


def key_of(crew: TurnHarness, *scopes: str) -> Principal:
    return Principal(crew.user_id, crew.company_id, "key", frozenset(scopes), "", KeyFacts(new_id(), 100))


def test_an_api_key_cannot_use_agents_beyond_its_scopes(crew: TurnHarness, ask: Ask) -> None:
    status, problem = ask(key_of(crew, "crews.process"))

    assert (status, problem["code"]) == (403, "key_too_narrow")
    assert "finance.write" in problem["detail"]
    assert (crew.entry_counts(), crew.tasks()) == ({}, [])


def test_an_api_key_with_all_permissions_that_agents_use_may_write_to_the_crew(crew: TurnHarness, ask: Ask) -> None:
    status, answer = ask(key_of(crew, "crews.process", *(AGENTS_NEED & PERMISSIONS_OF["admin"])))

    assert (status, answer["agent"]) == (200, "financial")


def test_a_superadmin_in_another_company_cannot_write_to_its_crew(crew: TurnHarness, ask: Ask) -> None:
    visitor = Principal(new_id(), crew.company_id, "superadmin", frozenset({"*"}), "s", home_company_id=new_id())

    status, problem = ask(visitor)

    assert (status, problem["code"]) == (403, "members_only")
    assert crew.tasks() == []
