"""Conversations are played through the product's own routes, each in a company of its own."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from falachefe.db.engine import Database
from infra.local.evaluation.conversations.__main__ import figures
from infra.local.evaluation.conversations.company import Product, product
from infra.local.evaluation.conversations.play import Played, play
from infra.local.evaluation.conversations.script import read_conversations
from infra.local.paths import ROOT


@pytest.fixture
def opened(database: Database) -> Iterator[Product]:
    with product(database) as made:
        yield made


def played(opened: Product, **conversation: Any) -> Played:
    line = json.dumps({"id": "one", "kind": "any", **conversation})
    return play(opened, read_conversations([line])[0])


GAS = {"text": "gastei 80 de gás hoje", "reply": {"contains": ["80,00"]}}


def test_replies_and_rows_are_judged(opened: Product) -> None:
    rows = [{"kind": "expense", "amount": "80", "date": "{today}"}]

    assert played(opened, turns=[GAS], state={"transactions": rows}).faults == []


def test_each_conversation_has_a_company_of_its_own(opened: Product) -> None:
    for _ in range(2):
        assert played(opened, turns=[GAS], state={"transactions": {"count": 1}}).right


def test_a_wrong_reply_and_a_wrong_row_are_named_with_the_transcript(opened: Product) -> None:
    wrong = played(
        opened, turns=[{"text": "gastei 80 de gás", "reply": {"contains": ["90,00"]}}], state={"transactions": []}
    )

    assert "'gastei 80 de gás': the reply lacks '90,00'" in wrong.faults
    assert "transactions: 1 rows instead of 0" in wrong.faults
    assert wrong.transcript[0] == "Ana Souza: gastei 80 de gás"
    assert figures([wrong])["by_kind"] == {"any": {"n": 1, "right": 0}}


def test_a_company_is_set_up_over_the_api_and_people_write_as_themselves(opened: Product) -> None:
    done = played(
        opened,
        setup={
            "people": [{"name": "Rosa Alves", "role": "user"}],
            "employees": [{"name": "Rosa Alves", "position": "caixa", "user": "Rosa Alves"}],
            "contacts": [{"name": "Lia"}],
            "transactions": [
                {"kind": "expense", "amount": "9", "description": "Café", "category": "alimentacao", "date": "{today}"}
            ],
        },
        turns=[{"text": "quero folga dia {today+9:dd/mm}", "from": "Rosa Alves", "tools": ["request_time_off"]}],
        state={
            "time_off": [{"employee_name": "Rosa Alves", "start": "{today+9}"}],
            "transactions": [{"amount": "9.00"}],
            "contacts": {"includes": [{"name": "Lia"}]},
        },
    )

    assert done.faults == []


def test_a_conversation_has_a_moment_of_its_own(opened: Product) -> None:
    done = played(
        opened,
        now="2026-08-20T10:00:00-03:00",
        turns=[GAS],
        state={"transactions": [{"date": "2026-08-20"}]},
    )

    assert done.faults == []


def test_what_the_api_does_not_have_is_a_fault_of_the_conversation(opened: Product) -> None:
    assert played(opened, setup={"spaceships": [{}]}, turns=[GAS]).faults == ["setup: the API has no spaceships"]
    assert played(opened, turns=[GAS], state={"spaceships": []}).faults == ["spaceships: the API has no spaceships"]


@pytest.mark.parametrize("name", ["conversations", "conversations_unseen"])
def test_the_sets_are_in_the_format_and_name_each_conversation_once(name: str) -> None:
    with (ROOT / "tests" / "eval" / f"{name}.jsonl").open(encoding="utf-8") as lines:
        read = read_conversations(lines)

    assert len({one.id for one in read}) == len(read) >= 22
    assert all(3 <= len(one.turns) <= 7 for one in read)
