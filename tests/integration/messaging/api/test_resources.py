"""Conversations, messages, contacts and channels as resources."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text, update

from falachefe.crews.service import default_crew, make_crew
from falachefe.db.engine import Database
from falachefe.kernel.ids import new_id
from falachefe.messaging.models import (
    Channel,
    Contact,
    Conversation,
    Message,
)
from functions.whatsapp import channels, contacts, conversation_messages, conversations
from tests.integration.aws_fixtures import NOW
from tests.integration.callers import Caller

type AsRole = Callable[[Any, str], Caller]

ANY = {"If-Match": "*"}
PEOPLE = {"Ana Lúcia": "+5511900000001", "Bruno": "+5511900000002", "Carla": "+5511900000003"}


@pytest.fixture
def channel_id(aws: None, database: Database, company_id: UUID) -> UUID:
    channel_id = new_id()
    with database.tenant(company_id) as session:
        session.execute(
            insert(Channel).values(
                company_id=company_id,
                id=channel_id,
                name="Loja",
                provider="uaz",
                phone="+551140028922",
                base_url="https://secret-host.example",
                secret_name="falachefe/dev/channel/x",
            )
        )
    return channel_id


@pytest.fixture
def conversation_ids(database: Database, company_id: UUID, channel_id: UUID) -> dict[str, UUID]:
    """A conversation with each contact; later ones in the list wrote later."""
    made = {}
    with database.tenant(company_id) as session:
        crew_id = default_crew(session, company_id, NOW)
        for number, (name, phone) in enumerate(PEOPLE.items()):
            at = NOW + timedelta(minutes=number)
            contact_id, made[name] = new_id(), new_id()
            keys = {"company_id": company_id, "created_at": at, "updated_at": at, "last_message_at": at}
            session.execute(insert(Contact).values(id=contact_id, phone=phone, name=name, **keys))
            session.execute(
                insert(Conversation).values(
                    id=made[name], channel_id=channel_id, contact_id=contact_id, crew_id=crew_id, **keys
                )
            )
    return made


@pytest.fixture
def admin(conversation_ids: dict[str, UUID], as_role: AsRole) -> Caller:
    return as_role(conversations.handler, "admin")


def names(call: Caller, **query: str) -> list[str]:
    answer = call("GET", "/conversations", **query)
    assert answer.status == 200, answer.body
    return [one["name"] for one in answer.json["data"]]


# ---- conversations


def test_conversations_are_listed_with_their_contact_last_active_first(admin: Caller) -> None:
    assert names(admin) == ["Carla", "Bruno", "Ana Lúcia"]
    (first, *_) = admin("GET", "/conversations").json["data"]
    assert (first["phone"], first["user_id"]) == (PEOPLE["Carla"], None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"search": "lucia"}, ["Ana Lúcia"]),
        ({"search": "0000002"}, ["Bruno"]),
        ({"phone": "+5511900000003"}, ["Carla"]),
        ({"name__like": "b%"}, ["Bruno"]),
        ({"user_id__isnull": "false"}, []),
        ({"human_until__isnull": "true", "sort": "last_message_at"}, ["Ana Lúcia", "Bruno", "Carla"]),
    ],
)
def test_conversations_can_be_filtered_by_contact(admin: Caller, query: dict[str, str], expected: list[str]) -> None:
    assert names(admin, **query) == expected


def test_conversations_are_paged(admin: Caller) -> None:
    first = admin("GET", "/conversations", limit="2").json
    rest = admin("GET", "/conversations", limit="2", cursor=first["pagination"]["next_cursor"]).json

    assert [one["name"] for page in (first, rest) for one in page["data"]] == ["Carla", "Bruno", "Ana Lúcia"]
    assert (first["pagination"]["total"], rest["pagination"]["next_cursor"]) == (3, None)


def test_a_takeover_is_set_and_ended(admin: Caller, conversation_ids: dict[str, UUID]) -> None:
    path = f"/conversations/{conversation_ids['Ana Lúcia']}"
    until = (NOW + timedelta(hours=2)).isoformat()
    tag = admin("GET", path).headers["ETag"]
    taken = admin("PATCH", path, {"human_until": until}, {"If-Match": tag})

    assert (taken.status, taken.json["human_until"]) == (200, "2026-11-20T17:00:00Z")
    assert admin("PATCH", path, {"human_until": None}, {"If-Match": tag}).status == 412
    assert admin("PATCH", path, {"human_until": None}, ANY).json["human_until"] is None
    for wrong in (NOW - timedelta(hours=1), NOW + timedelta(days=31)):
        assert admin("PATCH", path, {"human_until": wrong.isoformat()}, ANY).status == 422
    assert admin("PATCH", path, {"human_until": "2026-11-20T17:00:00"}, ANY).status == 422


def test_a_turns_changes_make_an_older_entity_tag_stale(
    admin: Caller, conversation_ids: dict[str, UUID], database: Database, company_id: UUID
) -> None:
    path = f"/conversations/{conversation_ids['Bruno']}"
    tag = admin("GET", path).headers["ETag"]
    with database.tenant(company_id) as session:  # as a turn does: without changing the version
        session.execute(
            update(Conversation)
            .where(Conversation.id == conversation_ids["Bruno"])
            .values(last_message_at=NOW + timedelta(1)),
            execution_options={"synchronize_session": False},
        )

    assert admin("PATCH", path, {"human_until": None}, {"If-Match": tag}).status == 412
    assert admin("GET", path, headers={"If-None-Match": tag}).status == 200


def test_only_a_pending_approval_can_be_approved(
    admin: Caller, conversation_ids: dict[str, UUID], database: Database, company_id: UUID
) -> None:
    path = f"/conversations/{conversation_ids['Bruno']}"

    assert admin("PATCH", path, {"human_approval_status": "approved"}, ANY).json["code"] == "approval_not_pending"
    with database.tenant(company_id) as session:
        session.execute(text("update conversations set human_approval_status = 'pending'"))
    assert admin("PATCH", path, {"human_approval_status": "pending"}, ANY).status == 422
    assert admin("PATCH", path, {"human_approval_status": "approved"}, ANY).status == 200


def test_another_crew_is_assigned_only_between_turns(
    admin: Caller, conversation_ids: dict[str, UUID], database: Database, company_id: UUID
) -> None:
    path = f"/conversations/{conversation_ids['Bruno']}"
    with database.tenant(company_id) as session:
        other = make_crew(session, company_id, name="Equipe da loja", description=None, now=NOW)

    assert admin("PATCH", path, {"crew_id": str(new_id())}, ANY).json["code"] == "crew_unknown"
    assert admin("PATCH", path, {"crew_id": str(other)}, ANY).json["crew_id"] == str(other)
    with database.tenant(company_id) as session:
        session.execute(text("update conversations set active_task_id = gen_random_uuid()"))
    back = admin("GET", "/conversations", name="Carla").json["data"][0]["crew_id"]
    assert admin("PATCH", path, {"crew_id": back}, ANY).json["code"] == "turn_under_way"


def test_staff_may_not_read_conversations(admin: Caller, conversation_ids: dict[str, UUID], as_role: AsRole) -> None:
    staff = as_role(conversations.handler, "user")
    listed = [
        staff("GET", "/conversations"),
        staff.of(conversation_messages.handler)("GET", f"/conversations/{conversation_ids['Bruno']}/messages"),
        staff.of(contacts.handler)("GET", "/contacts"),
        staff.of(channels.handler)("GET", "/channels"),
    ]

    assert [answer.status for answer in listed] == [403] * 4


# ---- messages


def test_pages_of_messages_follow_each_other_without_gap_or_repeat(
    admin: Caller, conversation_ids: dict[str, UUID], database: Database, company_id: UUID, channel_id: UUID
) -> None:
    said = [f"mensagem {number}" for number in range(7)]
    with database.tenant(company_id) as session:
        for talk in (conversation_ids["Bruno"], conversation_ids["Carla"]):
            for number, words in enumerate(said):
                session.execute(
                    insert(Message).values(
                        company_id=company_id,
                        id=new_id(),
                        conversation_id=talk,
                        channel_id=channel_id,
                        direction="in" if number % 2 else "out",
                        text=words,
                        status="received",
                    )
                )
    call, path = admin.of(conversation_messages.handler), f"/conversations/{conversation_ids['Bruno']}/messages"
    read: list[str] = []
    query: dict[str, str] = {"limit": "3"}
    while True:
        page = call("GET", path, **query).json
        read += [one["text"] for one in page["data"]]
        if page["pagination"]["next_cursor"] is None:
            break
        query["cursor"] = page["pagination"]["next_cursor"]

    assert read == said[::-1]
    assert [one["text"] for one in call("GET", path, search="mensagem 4").json["data"]] == ["mensagem 4"]
    assert call("GET", path, direction="in").json["pagination"]["total"] == 3


def test_messages_of_an_unknown_conversation_are_not_found(admin: Caller) -> None:
    call = admin.of(conversation_messages.handler)

    assert call("GET", f"/conversations/{new_id()}/messages").json["code"] == "conversation_not_found"
    assert call("GET", "/conversations/x/messages").status == 422


# ---- contacts


def test_a_contact_is_renamed_deleted_and_restored(
    admin: Caller, database: Database, company_id: UUID, conversation_ids: dict[str, UUID]
) -> None:
    call = admin.of(contacts.handler)
    (ana,) = call("GET", "/contacts", search="ana").json["data"]
    path = f"/contacts/{ana['id']}"

    assert call("PATCH", path, {"name": " Ana  Lúcia Prado "}, ANY).json["name"] == "Ana Lúcia Prado"
    assert call("PATCH", path, {"phone": "+5511900000009"}, ANY).status == 422
    assert call("DELETE", path).status == 204
    assert call("POST", f"{path}/restore").status == 200
    assert call("DELETE", path).status == 204
    with database.tenant(company_id) as session:  # the same phone wrote again
        session.execute(insert(Contact).values(company_id=company_id, id=new_id(), phone=ana["phone"]))
    assert call("POST", f"{path}/restore").json["code"] == "already_exists"
    assert "Ana Lúcia Prado" in names(admin)  # what was said with the deleted one stays


def test_a_contact_who_is_staff_cannot_be_deleted(admin: Caller, database: Database, company_id: UUID) -> None:
    with database.tenant(company_id) as session:
        session.execute(text("update contacts set user_id = (select id from users limit 1) where name = 'Carla'"))
    call = admin.of(contacts.handler)
    (carla,) = call("GET", "/contacts", name="Carla").json["data"]

    assert call("DELETE", f"/contacts/{carla['id']}").json["code"] == "contact_is_staff"


# ---- channels


def test_a_channel_never_shows_its_credentials(admin: Caller, channel_id: UUID) -> None:
    answer = admin.of(channels.handler)("GET", f"/channels/{channel_id}")

    assert (answer.status, answer.json["phone"]) == (200, "+551140028922")
    assert "secret" not in answer.body
    assert admin.of(channels.handler)("GET", "/channels", secret_name="x").status == 422


def test_a_channel_is_renamed_disabled_and_enabled(admin: Caller, channel_id: UUID) -> None:
    call, path = admin.of(channels.handler), f"/channels/{channel_id}"

    assert call("PATCH", path, {"name": "Balcão", "status": "disabled"}, ANY).json["status"] == "disabled"
    assert call("PATCH", path, {"status": "connected"}, ANY).json["name"] == "Balcão"
    assert call("PATCH", path, {"status": "connecting"}, ANY).status == 422
    assert call("PATCH", path, {"secret_name": "x"}, ANY).status == 422


def test_the_plan_limits_channels_that_are_enabled_again(
    admin: Caller, channel_id: UUID, database: Database, company_id: UUID
) -> None:
    call, path = admin.of(channels.handler), f"/channels/{channel_id}"
    call("PATCH", path, {"status": "disabled"}, ANY)
    with database.tenant(company_id) as session:
        session.execute(text("update subscriptions set plan_code = 'free'"))
        session.execute(
            insert(Channel).values(
                company_id=company_id,
                id=new_id(),
                name="Outra",
                provider="uaz",
                phone="+551140028923",
                base_url="x",
                secret_name="x",
            )
        )

    assert call("PATCH", path, {"status": "connected"}, ANY).json["code"] == "plan_limit_reached"
