"""A message with one company's id and the ids of another company's rows reads and writes nothing of the latter.

Every sample event of a queue or the bus is sent with the ids of another company's rows in it. A queue or a kind of id
that is not listed here fails a test.
"""

import importlib
import json
import os
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sqs.models import sqs_backends
from sqlalchemy import Engine, text

from falachefe.app import agent_worker
from falachefe.aws.clients import client
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from infra.local.paths import ROOT
from tests.integration.api.surroundings import SETTINGS, functions_surroundings
from tests.security.two_companies import SignedInCompany, signed_in_company, state_of

HANDLERS: Final = {
    "agent-financial": "crews.run_agent",
    "agent-hr": "crews.run_agent",
    "agent-marketing": "crews.run_agent",
    "agent-orchestrator": "crews.run_agent",
    "agent-support": "crews.run_agent",
    "crews.human_requested": "whatsapp.notify_staff",
    "emails": "auth.send_email",
    "exports": "platform.run_export",
    "inbound": "whatsapp.process_inbound",
    "outbound": "whatsapp.send_outbound",
    "whatsapp.channel_updated": "whatsapp.channel_states",
}
"""The function of each queue and of each event of the bus."""
ROWS: Final = {
    "task_id": "crew_tasks",
    "conversation_id": "conversations",
    "channel_id": "channels",
    "message_id": "messages",
    "track_id": "messages",
    "export_id": "exports",
    "user_id": "users",
}
"""The table that an id in a queue message refers to."""
NO_ROWS: Final = {"provider_message_id", "button_id"}
OF_A_PERSON: Final = {"id": str(new_id()), "company_id": "", "user_id": ""}
FURTHER: Final[dict[str, list[dict[str, Any]]]] = {
    "emails": [OF_A_PERSON | {"kind": kind} for kind in ("verification", "invitation", "password_changed")],
    "inbound": [
        {"kind": "verified", "message": {}},
        {"kind": "connection", "message": {"state": "disconnected"}},
        {
            "kind": "takeover",
            "message": {"provider_message_id": "3EB0", "text": "Oi", "provider_at": "2026-11-20T14:00:00+00:00"},
        },
    ],
}
"""Kinds of queue messages without a sample: the fields that replace a sample's."""
HELD: Final = "direction = 'in', status = 'held'"
QUEUED: Final = "direction = 'out', status = 'queued'"
SECRET: Final = "segredo dos vizinhos"


def samples() -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Name, queue, event and queue message of every sample, and of the further kinds of its queue."""
    for file in sorted(ROOT.glob("events/*/*.json")):
        event = json.loads(file.read_text())
        source = _source(event)
        if source is None:
            continue
        queue_message = event["detail"] if "detail" in event else json.loads(event["Records"][0]["body"])
        if "email" not in queue_message:  # an address is searched for in all companies on purpose
            yield file.stem, source, event, queue_message
        further = FURTHER.get(source, []) if file.stem in ("queue_message", "send_email") else []
        for changes in further:
            yield (
                f"{file.stem}-{changes['kind']}",
                source,
                event,
                changes if "email" in queue_message else queue_message | changes,
            )


def _source(event: dict[str, Any]) -> str | None:
    """The queue or the kind of event; None for requests and schedules, which name no row."""
    if "Records" in event:
        return str(event["Records"][0]["eventSourceARN"]).rpartition("falachefe-dev-")[2].removesuffix(".fifo")
    kind: str | None = event.get("detail-type")
    return None if kind == "Scheduled Event" else kind


SAMPLES = {name: (source, event, queue_message) for name, source, event, queue_message in samples()}


@pytest.fixture(scope="module")
def clock(database: Database) -> Iterator[FixedClock]:
    with functions_surroundings(database) as clock:
        yield clock


@pytest.fixture
def theirs(database: Database, clock: FixedClock, name: str) -> SignedInCompany:
    """A company whose rows the job would process if the message had its id."""
    found = signed_in_company(database, clock)
    role = SAMPLES[name][0].removeprefix("agent-")
    held = name.endswith("verified")
    ready = {
        "users": "email = 'segredo@vizinhos.example', name = :secret, phone = '+5511988887777', role = 'admin'",
        "contacts": "name = :secret, phone = '+5511987654321'",
        "messages": f"text = :secret, {HELD if held else QUEUED}",
        "exports": "resource = 'transactions', query = '', object_key = 'chave'",
        "crew_tasks": f"description = :secret, role = :role, status = '{'completed' if held else 'pending'}'",
    }
    with database.tenant(found.company_id) as session:
        for table, changes in ready.items():
            values = {"secret": SECRET, "role": role, "key": found.rows[table]}
            session.execute(text(f"update {table} set {changes} where id = :key"), values)
    return found


def run_job(name: str, company_id: UUID, rows: dict[str, UUID]) -> Any:
    """The job's result for the sample's message with these ids in it."""
    source, event, queue_message = SAMPLES[name]
    module = importlib.import_module(f"functions.{HANDLERS[source]}")
    for made in (*vars(module).values(), agent_worker.task_dependencies):
        if hasattr(made, "cache_clear"):
            made.cache_clear()
    # The template tells each agent's function its role; here one process has them all.
    agent = source.removeprefix("agent-")
    handler = module.handler if agent == source else agent_worker.worker_of(agent)
    fitted = _with_ids(queue_message, company_id, rows)
    if "detail" in event:
        return handler(event | {"detail": fitted}, None)
    record = event["Records"][0] | {"messageId": name, "body": json.dumps(fitted)}
    return handler({"Records": [record]}, None)


def _with_ids(value: Any, company_id: UUID, rows: dict[str, UUID]) -> Any:
    if not isinstance(value, dict):
        return value
    changed = {}
    for key, inner in value.items():
        if key == "company_id":
            changed[key] = str(company_id)
        elif key.endswith("_id") and key not in NO_ROWS:
            changed[key] = str(rows[ROWS[key]])
        else:
            changed[key] = _with_ids(inner, company_id, rows)
    return changed


def sent_messages_and_mails() -> str:
    """Everything that was put on a queue or mailed so far."""
    region = SETTINGS["AWS_REGION"]
    queue_messages = [
        m.body for queue in sqs_backends[DEFAULT_ACCOUNT_ID][region].queues.values() for m in queue._messages
    ]
    mails = [f"{m.destinations} {m.body}" for m in ses_backends[DEFAULT_ACCOUNT_ID][region].sent_messages]
    return "\n".join([*queue_messages, *mails])


def channels_for_the_webhook() -> list[Any]:
    """The items of the channels table, from which the webhook reads."""
    items: list[Any] = client("dynamodb").scan(TableName=os.environ["CHANNELS_TABLE"])["Items"]
    return items


def test_every_queue_and_event_has_a_sample() -> None:
    assert {source for source, _, _ in SAMPLES.values()} == set(HANDLERS)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_message_about_another_companys_row_has_the_same_effect_as_an_unknown_id(
    database: Database, superuser: Engine, clock: FixedClock, theirs: SignedInCompany, name: str
) -> None:
    ours, elsewhere = signed_in_company(database, clock), signed_in_company(database, clock)
    before = state_of(superuser, theirs.company_id)
    unknown = {table: new_id() for table in ROWS.values()}
    sent_before = sent_messages_and_mails()

    answer = run_job(name, ours.company_id, theirs.rows)

    assert answer == run_job(name, elsewhere.company_id, unknown)
    assert written(superuser, ours) == written(superuser, elsewhere)
    assert state_of(superuser, theirs.company_id) == before
    assert SECRET not in sent_messages_and_mails().removeprefix(sent_before)
    assert str(theirs.company_id) not in sent_messages_and_mails()


def written(superuser: Engine, company: SignedInCompany) -> dict[str, int]:
    """How many rows the company has in each table."""
    found: dict[str, int] = {}
    for table, _ in state_of(superuser, company.company_id):
        found[table] = found.get(table, 0) + 1
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_message_for_the_rows_own_company_has_an_effect(
    superuser: Engine, theirs: SignedInCompany, name: str
) -> None:
    """Otherwise the test above would prove nothing."""
    before = state_of(superuser, theirs.company_id), sent_messages_and_mails(), channels_for_the_webhook()
    run_job(name, theirs.company_id, theirs.rows)

    assert (state_of(superuser, theirs.company_id), sent_messages_and_mails(), channels_for_the_webhook()) != before
