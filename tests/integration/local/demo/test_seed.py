"""The demo company: what `make up` may rely on, once and again."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.marketing.rules import SEGMENT_LABELS
from falachefe.messaging.channels.directory import ChannelDirectory
from falachefe.messaging.conversations.audience import audience_size
from falachefe.phone_sign_in.codes import Codes
from falachefe.phone_sign_in.service import SignIn, subject_of
from falachefe.support import service as support
from infra.local.demo.company import OWNER, STAFF
from infra.local.demo.seed import Memory, seed
from infra.local.front_door.stack import parse_stack
from tests.integration.sessions.test_sign_in import sign_in

FRONT_DOOR = "http://127.0.0.1:8000"

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory.load(tmp_path / "demo.json")


def rows(database: Database, company_id: str) -> dict[str, int]:
    people = ("users", "employees", "roles", "role_assignments", "crews", "crew_agents")
    tables = (*people, "articles", "posts", "channels", "contacts", "companies")
    with database.tenant(UUID(company_id)) as session:
        return {table: session.execute(text(f"select count(*) from {table}")).scalar_one() for table in tables}


def test_the_demo_company_is_ready_to_talk(memory: Memory, database: Database) -> None:
    demo = seed(memory, FRONT_DOOR)

    assert rows(database, memory.company_id) == {
        "users": 3,
        "employees": 5,
        "roles": 1,
        "role_assignments": 1,
        "crews": 1,
        "crew_agents": 5,
        "articles": 9,
        "posts": 3,
        "channels": 1,
        "contacts": 8,
        "companies": 1,
    }
    # Named, because other tests of this session have made companies with the same owner.
    assert sign_in(demo["admin"]["email"], demo["admin"]["password"], company_id=demo["company_id"])[0] == 200
    (company,) = parse_stack({"demo": demo}).companies
    assert (company.owner_phone, company.name) == ("+5511987654321", "Padaria do Chefe")
    assert [person.name for person in company.people] == ["Carlos Andrade", "Maria Oliveira", "João Santos"]


def test_the_webhook_finds_the_channel_and_the_sender_its_secret(memory: Memory) -> None:
    demo = seed(memory, FRONT_DOOR)

    channel = ChannelDirectory(runtime.table("CHANNELS_TABLE"), runtime.secret).find(
        demo["channel_key"], "uaz", runtime.clock().now()
    )

    assert channel is not None
    assert (channel.company_id, channel.channel_id) == (memory.company_id, memory.channel_id)
    assert runtime.secret(f"falachefe/dev/channel/{memory.channel_id}") == {"instance_token": demo["instance_token"]}


def test_seeding_again_changes_nothing_but_renews_the_sessions(
    memory: Memory, database: Database, clock: FixedClock
) -> None:
    first = seed(memory, FRONT_DOOR)
    counted = rows(database, memory.company_id)
    for _ in range(4):
        clock.at += timedelta(days=3)
        assert seed(memory, FRONT_DOOR) == first

    assert rows(database, memory.company_id) == counted
    assert live_sessions(database, memory, clock) == {person.phone for person in (OWNER, *STAFF)}


def live_sessions(database: Database, memory: Memory, clock: FixedClock) -> set[str]:
    sign_in_state = SignIn(runtime.table("AUTH_TABLE"), lambda: Codes("p" * 64))
    company_id = UUID(memory.company_id)
    with database.tenant(company_id) as session:
        users: list[Any] = list(session.execute(text("select id, phone from users")).all())
    moment = clock.now() + timedelta(hours=23)
    return {
        user.phone for user in users if subject_of(user.id) in sign_in_state.subjects(company_id, user.phone, moment)
    }


def test_an_emulator_that_forgot_everything_is_filled_again_under_the_same_keys(
    memory: Memory, database: Database
) -> None:
    first = seed(memory, FRONT_DOOR)
    client("secretsmanager").delete_secret(
        SecretId=f"falachefe/dev/channel/{memory.channel_id}", ForceDeleteWithoutRecovery=True
    )
    runtime.table("CHANNELS_TABLE").delete(f"channel#{memory.channel_key}", "channel")

    assert seed(memory, FRONT_DOOR) == first
    assert ChannelDirectory(runtime.table("CHANNELS_TABLE"), runtime.secret).find(
        memory.channel_key, "uaz", runtime.clock().now()
    )


def test_what_must_stay_the_same_is_kept_in_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    made = Memory.load(path)

    assert Memory.load(path) == made
    assert path.stat().st_mode & 0o077 == 0
    path.write_text(json.dumps({"company_id": "half"}))
    assert Memory.load(path) != made


def test_every_segment_of_a_campaign_has_somebody(memory: Memory, database: Database) -> None:
    seed(memory, FRONT_DOOR)
    company_id = UUID(memory.company_id)

    with database.tenant(company_id) as session:
        sizes = {s: audience_size(session, company_id, s, runtime.clock().now()) for s in SEGMENT_LABELS}

    assert sizes == {"all": 8, "active": 5, "inactive": 2, "new": 2}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("oi, vocês abrem no domingo?", "domingos"),
        ("que horas vocês fecham?", "6h às 20h"),
        ("qual o endereço?", "Acácias"),
        ("aceita pix?", "Pix"),
        ("posso pagar no cartao", "cartão"),
        ("vcs entregam aqui perto?", "3 km"),
        ("quero encomendar uma torta", "48 horas"),
        ("tem pão sem lactose?", "lactose"),
        ("onde posso estacionar", "vagas"),
        ("tem vaga de emprego?", "currículos"),
        ("quero fazer uma reclamação", "Trocamos"),
    ],
)
def test_customers_get_the_bakery_s_own_answers(memory: Memory, database: Database, asked: str, said: str) -> None:
    seed(memory, FRONT_DOOR)
    company_id = UUID(memory.company_id)

    with database.tenant(company_id) as session:
        found = support.answer(session, company_id, asked)

    assert found is not None
    assert said in found.answer
