"""No answer is larger than Lambda hands over: lists are shortened, batches are refused before they are done."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from falachefe.db.engine import Database
from falachefe.http import response_size
from falachefe.kernel.ids import new_id
from falachefe.resources.idempotency import MAX_STORED_BYTES
from functions.platform import posts
from tests.integration.callers import Answer, Caller

HEAVY = "🐾" * 20_000
"""The longest content of a post, with four bytes a character: a hundred of them are 8 MB."""


@pytest.fixture
def call(as_role: Callable[[Any, str], Caller]) -> Caller:
    return as_role(posts.handler, "admin")


@pytest.fixture
def written(call: Caller, database: Database, company_id: UUID) -> list[str]:
    """A hundred posts of the largest size."""
    made = call("POST", "/posts", {"title": "Primeiro", "content": HEAVY}).json
    with database.tenant(company_id) as session:
        connection = session.connection()
        columns = [
            row[0]
            for row in connection.exec_driver_sql(
                "select column_name from information_schema.columns"
                " where table_name = 'posts' and is_generated = 'NEVER'"
            )
        ]
        others = ", ".join(name for name in columns if name not in ("id", "slug"))
        for _ in range(99):
            key = new_id()
            connection.exec_driver_sql(
                f"insert into posts (id, slug, {others}) select '{key}', 'p-{key}', {others} from posts"
                f" where id = '{made['id']}'"
            )
    return [one["id"] for page in pages(call, fields="title") for one in page["data"]]


def pages(call: Caller, **query: str) -> list[Any]:
    found, cursor = [], None
    while True:
        answer = call("GET", "/posts", limit="100", **query, **({"cursor": cursor} if cursor else {}))
        assert answer.status == 200, answer.body[:300]
        assert on_the_wire(answer) < 6 * 1024 * 1024
        found.append(answer.json)
        cursor = answer.json["pagination"]["next_cursor"]
        if cursor is None:
            return found


def on_the_wire(answer: Answer) -> int:
    """As Lambda's runtime writes it."""
    whole = {"statusCode": answer.status, "multiValueHeaders": dict(answer.headers), "body": answer.body}
    return len(json.dumps(whole, ensure_ascii=False).encode())


def test_a_page_that_would_be_too_large_is_shortened_and_goes_on(call: Caller, written: list[str]) -> None:
    assert len(written) == 100
    found = pages(call)

    assert [one["id"] for page in found for one in page["data"]] == written
    first, *_, last = (page["pagination"] for page in found)
    assert len(found) > 1
    assert (first["shortened"], first["has_next"], first["total"]) == (True, True, 100)
    assert "shortened" not in last


def test_a_batch_whose_answer_would_be_too_large_is_refused_and_not_done(call: Caller, written: list[str]) -> None:
    change = [{"op": "update", "id": one, "version": 1, "data": {"title": "Outro"}} for one in written]
    refused = call("POST", "/posts/batch", {"operations": change}, {"Idempotency-Key": "k"})

    assert (refused.status, refused.json["code"]) == (422, "answer_too_large")
    assert {one["version"] for one in pages(call)[0]["data"]} == {1}
    few = call("POST", "/posts/batch", {"operations": change[:20]}, {"Idempotency-Key": "k"})
    assert few.status == 200


def test_a_large_batch_s_answer_is_put_together_again(call: Caller, written: list[str]) -> None:
    change = [{"op": "update", "id": one, "version": 1, "data": {"title": "Outro"}} for one in written[:20]]
    gone = {"op": "delete", "id": written[20]}
    body, key = {"operations": [*change, gone]}, {"Idempotency-Key": "k"}
    first = call("POST", "/posts/batch", body, key)
    again = call("POST", "/posts/batch", body, key)

    assert len(first.body.encode()) > MAX_STORED_BYTES
    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.json == first.json

    call("DELETE", f"/posts/{written[0]}", None, {"If-Match": "*"})
    call("PATCH", f"/posts/{written[1]}", {"title": "Terceiro"}, {"If-Match": "*"})
    later = call("POST", "/posts/batch", body, key).json["results"]
    assert later[0]["data"] == {"id": written[0], "version": 2}
    assert (later[1]["data"]["title"], later[1]["data"]["version"]) == ("Terceiro", 3)
    assert later[2:] == first.json["results"][2:]


@pytest.mark.parametrize("character", ["a", '"', "\n", "é", "🐾"])
def test_what_fits_is_what_lambda_s_own_json_takes(character: str) -> None:
    one = len(json.dumps(character, ensure_ascii=False).encode()) - 2
    most = (response_size.MAX_RESPONSE_BYTES - 2) // one

    assert response_size.fits(character * most)
    assert not response_size.fits(character * (most + 1))
