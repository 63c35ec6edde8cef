"""Crews, agents, tasks and memories as REST resources, and the rules on changing them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from falachefe.crews.models import CrewMemory, CrewTask
from falachefe.crews.service import default_crew
from falachefe.crews.tools.registry import tools_of
from falachefe.crews.turns.start import crew_state
from falachefe.db.engine import Database
from falachefe.kernel.ids import new_id
from falachefe.messaging.models import Channel, Contact, Conversation
from functions.crews import agents, crews, memories, tasks
from tests.integration.aws_fixtures import NOW
from tests.integration.callers import Caller

type AsRole = Callable[[Any, str], Caller]

ANY = {"If-Match": "*"}


@pytest.fixture
def crew_id(aws: None, database: Database, company_id: UUID) -> UUID:
    with database.tenant(company_id) as session:
        return default_crew(session, company_id, NOW)


@pytest.fixture
def admin(crew_id: UUID, as_role: AsRole) -> Caller:
    return as_role(crews.handler, "admin")


def contact(database: Database, company_id: UUID, crew_id: UUID) -> UUID:
    channel, contact, conversation = new_id(), new_id(), new_id()
    with database.tenant(company_id) as session:
        session.execute(
            insert(Channel).values(
                company_id=company_id, id=channel, name="C", provider="uaz", phone="+1", base_url="x", secret_name="x"
            )
        )
        session.execute(insert(Contact).values(company_id=company_id, id=contact, phone="+5511900000001"))
        session.execute(
            insert(Conversation).values(
                company_id=company_id, id=conversation, channel_id=channel, contact_id=contact, crew_id=crew_id
            )
        )
    return conversation


# ---- crews


def test_a_new_crew_has_its_five_agents(admin: Caller, crew_id: UUID) -> None:
    made = admin("POST", "/crews", {"name": "Equipe da loja", "llm_config": {"provider": "offline", "max_tokens": 100}})

    assert (made.status, made.json["default"], made.json["status"]) == (201, False, "active")
    assert made.json["llm_config"] == {"provider": "offline", "max_tokens": 100}
    roles = [one["role"] for one in admin.of(agents.handler)("GET", "/agents", crew_id=made.json["id"]).json["data"]]
    assert sorted(roles) == ["financial", "hr", "marketing", "orchestrator", "support"]
    assert [one["default"] for one in admin("GET", "/crews").json["data"]] == [True, False]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "ab"},
        {"status": "férias"},
        {"llm_config": {"provider": "openai"}},
        {"llm_config": {"base_url": "http://x"}},
        {"config": {}},
    ],
)
def test_an_invalid_change_of_a_crew_is_refused(admin: Caller, crew_id: UUID, body: dict[str, Any]) -> None:
    assert admin("PATCH", f"/crews/{crew_id}", body, ANY).status == 422


def test_a_crew_with_conversations_cannot_be_deleted(
    admin: Caller, crew_id: UUID, database: Database, company_id: UUID
) -> None:
    other = admin("POST", "/crews", {"name": "Equipe da loja"}).json["id"]
    contact(database, company_id, UUID(other))

    assert admin("DELETE", f"/crews/{crew_id}").json["code"] == "crew_is_default"
    assert admin("DELETE", f"/crews/{other}").json["code"] == "crew_in_use"
    spare = admin("POST", "/crews", {"name": "Equipe de reserva"}).json["id"]
    assert admin("DELETE", f"/crews/{spare}").status == 204
    assert admin("POST", f"/crews/{spare}/restore").status == 200


def test_staff_can_read_but_not_change_crews_and_agents(admin: Caller, crew_id: UUID, as_role: AsRole) -> None:
    staff = as_role(crews.handler, "user")

    assert staff("GET", "/crews").json["pagination"]["total"] == 1
    assert staff.of(agents.handler)("GET", "/agents").json["pagination"]["total"] == 5
    assert staff("PATCH", f"/crews/{crew_id}", {"name": "Minha"}, ANY).status == 403
    assert [
        staff.of(one.handler)("GET", path).status for one, path in ((tasks, "/tasks"), (memories, "/memories"))
    ] == [
        403,
        403,
    ]


# ---- agents


def agent(admin: Caller, role: str) -> dict[str, Any]:
    (found,) = admin.of(agents.handler)("GET", "/agents", role=role).json["data"]
    return dict(found)


def test_an_agents_description_can_change_but_not_its_role(admin: Caller) -> None:
    path = f"/agents/{agent(admin, 'financial')['id']}"
    call = admin.of(agents.handler)
    changed = call("PATCH", path, {"name": "Caixa", "goal": "Anotar tudo o que entra e sai."}, {"If-Match": '"1"'})

    assert (changed.status, changed.json["name"], changed.json["role"]) == (200, "Caixa", "financial")
    assert call("PATCH", path, {"role": "hr"}, ANY).status == 422
    assert call("PATCH", path, {"goal": "curto"}, ANY).status == 422
    assert call("DELETE", path).status == 404
    assert call("POST", "/agents", {"name": "Outro"}).status == 404


def test_the_orchestrator_cannot_be_deactivated(admin: Caller) -> None:
    call = admin.of(agents.handler)
    reception, marketing = (f"/agents/{agent(admin, role)['id']}" for role in ("orchestrator", "marketing"))

    assert call("PATCH", reception, {"status": "inactive"}, ANY).json["code"] == "orchestrator_needed"
    assert call("PATCH", marketing, {"status": "inactive"}, ANY).status == 200


def test_an_agent_accepts_only_tools_of_its_role(
    admin: Caller, crew_id: UUID, database: Database, company_id: UUID
) -> None:
    call = admin.of(agents.handler)
    found = agent(admin, "financial")
    path, known = f"/agents/{found['id']}", sorted(spec.name for spec in tools_of("financial"))

    assert call("PATCH", path, {"tools": ["add_employee"]}, ANY).json["code"] == "tool_unknown"
    assert call("PATCH", path, {"tools": [known[1], known[0], known[1]]}, ANY).json["tools"] == known[:2]
    with database.tenant(company_id) as session:
        worker_holding_locks = crew_state(session, company_id, crew_id).tools
    assert worker_holding_locks == {UUID(found["id"]): frozenset(known[:2])}
    assert call("PATCH", path, {"tools": []}, ANY).json["tools"] == []


# ---- tasks and memories


def test_tasks_hide_their_journal_and_their_etag_changes_with_every_write(
    admin: Caller, crew_id: UUID, database: Database, company_id: UUID
) -> None:
    conversation = contact(database, company_id, crew_id)
    doer = agent(admin, "hr")["id"]
    with database.tenant(company_id) as session:
        session.execute(
            insert(CrewTask).values(
                company_id=company_id,
                id=(task_id := new_id()),
                crew_id=crew_id,
                agent_id=UUID(doer),
                role="hr",
                conversation_id=conversation,
                description="pedir folga",
                journal=["segredo"],
                updated_at=NOW,
            )
        )
    call = admin.of(tasks.handler)
    path = f"/tasks/{task_id}"
    first = call("GET", path)

    assert (first.status, first.json["role"], "journal" in first.json) == (200, "hr", False)
    assert call("GET", path, headers={"If-None-Match": first.headers["ETag"]}).status == 304
    with database.tenant(company_id) as session:
        session.execute(text("update crew_tasks set status = 'completed', updated_at = now()"))
    again = call("GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.json["status"]) == (200, "completed")
    assert [
        one["id"] for one in call("GET", "/tasks", status="completed", conversation_id=str(conversation)).json["data"]
    ] == [str(task_id)]
    assert call("DELETE", path).status == 404


def test_a_memory_can_be_deleted(admin: Caller, database: Database, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        for number, content in enumerate(("gosta de café", "não come glúten")):
            session.execute(
                insert(CrewMemory).values(
                    company_id=company_id,
                    id=new_id(),
                    user_id="+5511900000001",
                    memory_type="preference",
                    content=content,
                    importance_score=number + 1,
                    created_at=NOW + timedelta(seconds=number),
                )
            )
    call = admin.of(memories.handler)
    first, *_ = call("GET", "/memories", sort="-importance_score", search="gluten").json["data"]

    assert call("DELETE", f"/memories/{first['id']}").status == 204
    assert [one["content"] for one in call("GET", "/memories").json["data"]] == ["gosta de café"]
