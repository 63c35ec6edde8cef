"""Who may have the crew work for them: its agents act with all the power of the person whom the caller stands for."""

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
from tests.integration.crews.rig import World
from tests.integration.crews.turns.test_functions import RoomForAll, _sample

type Ask = Callable[[Principal], tuple[int, dict[str, Any]]]

AGENTS_NEED = {spec.permission for spec in TOOLS.values() if spec.permission}


@pytest.fixture
def ask(world: World, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Sends the sample's message as somebody; answers with status and body."""
    monkeypatch.setattr(agent_worker, "workshop", lambda: world.shop)
    monkeypatch.setattr(runtime, "clock", lambda: world.clock)
    monkeypatch.setattr(runtime, "limits", RoomForAll)
    handler = importlib.reload(importlib.import_module("functions.crews.process")).handler

    def send(who: Principal) -> tuple[int, dict[str, Any]]:
        monkeypatch.setattr(authenticator, "principal_of", lambda *_, **__: who)
        answer = handler(_sample("process"), None)
        return answer["statusCode"], json.loads(answer["body"])

    return send


def key_of(world: World, *scopes: str) -> Principal:
    return Principal(world.user_id, world.company_id, "key", frozenset(scopes), "", KeyFacts(new_id(), 100))


def test_a_key_has_the_crew_do_nothing_that_lies_beyond_its_scopes(world: World, ask: Ask) -> None:
    status, problem = ask(key_of(world, "crews.process"))

    assert (status, problem["code"]) == (403, "key_too_narrow")
    assert "finance.write" in problem["detail"]
    assert (world.noted(), world.tasks()) == ({}, [])


def test_a_key_that_may_all_that_its_maker_may_through_agents_writes_to_the_crew(world: World, ask: Ask) -> None:
    status, answer = ask(key_of(world, "crews.process", *(AGENTS_NEED & PERMISSIONS_OF["admin"])))

    assert (status, answer["agent"]) == (200, "financial")


def test_whoever_visits_a_company_has_no_crew_there(world: World, ask: Ask) -> None:
    visitor = Principal(new_id(), world.company_id, "superadmin", frozenset({"*"}), "s", home_company_id=new_id())

    status, problem = ask(visitor)

    assert (status, problem["code"]) == (403, "members_only")
    assert world.tasks() == []
