"""The webhook answers malformed requests with a problem, never with a 500."""

import json
import time
from typing import Any

import pytest

from tests.stack.clients import Answer, DemoCompany, http


def deep(levels: int) -> bytes:
    return b'{"message":' * levels + b"1" + b"}" * levels


@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        (b"", {400}),
        (b"not json", {400}),
        (b"\x00\x01\xff", {400}),
        (b'{"EventType": "messages"', {400}),
        (b"[]", {400}),
        (b"42", {400}),
        (b'"text"', {400}),
        (b"null", {400}),
        (b"NaN", {400}),
        (deep(20_000), {400}),
        (b"{}", {400, 401}),
        (b'{"EventType": 7, "token": []}', {400, 401}),
        (b"x" * 10_000_000, {413}),
        (json.dumps({"pad": "x" * 300_000}).encode(), {413}),
    ],
    ids=lambda value: f"{len(value)} bytes" if isinstance(value, bytes) else "",
)
def test_a_body_that_is_not_a_webhook_is_refused_with_a_problem(
    demo_company: DemoCompany, body: bytes, statuses: set[int]
) -> None:
    answer = http("POST", demo_company.demo["webhook_url"], body)
    assert answer.status in statuses, answer.body
    if len(body) < 6_000_000:  # beyond that the gateway itself answers
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json["code"]


def test_a_wrong_token_is_401_and_an_unknown_key_404(demo_company: DemoCompany) -> None:
    payload = demo_company.outsider().payload("oi")
    assert http("POST", demo_company.demo["webhook_url"], {**payload, "token": "wrong"}).status == 401
    unknown = demo_company.demo["webhook_url"].replace(demo_company.demo["channel_key"], "no-such-channel-key-0000")
    assert http("POST", unknown, payload).status == 404


@pytest.mark.parametrize(
    "words", ["🍞🥖🎂", "a" * 5_000, "nul\x00byte", "'; drop table users; --", "{{name}}", " \n\t "]
)
def test_unusual_texts_are_accepted(demo_company: DemoCompany, words: str) -> None:
    phone = demo_company.outsider()
    assert phone.post(phone.payload(words)).status == 200


@pytest.mark.parametrize("kind", ["voice", "image", "document", "group", "from_me", "status", "connection", "unknown"])
def test_a_well_formed_event_that_needs_no_answer_is_200(demo_company: DemoCompany, kind: Any) -> None:
    phone = demo_company.outsider()
    assert phone.post(phone.payload("", kind=kind)).status == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", 5), ("text", ["a"]), ("text", None), ("content", 1.5), ("chatid", 5), ("chatid", "nobody"),
        ("messageTimestamp", "yesterday"), ("messageTimestamp", -1), ("messageTimestamp", 10**40), ("id", None),
        ("messageid", {}), ("fromMe", "maybe"), ("isGroup", 3), ("sender_pn", []), ("messageType", {}),
    ],
)  # fmt: skip
def test_a_field_of_the_wrong_type_is_400_or_200_and_never_500(
    demo_company: DemoCompany, field: str, value: object
) -> None:
    payload = demo_company.outsider().payload("oi")
    payload["message"][field] = value
    assert http("POST", demo_company.demo["webhook_url"], payload).status in (200, 400)


def test_the_eleventh_message_within_a_minute_is_429_with_a_time_to_wait(demo_company: DemoCompany) -> None:
    def burst() -> tuple[list[Answer], bool]:
        """The answers to eleven messages of a new number, and whether they came within one window of the limit."""
        phone, window = demo_company.outsider(), time.time() // 60
        answers = [phone.post(phone.payload(f"mensagem {n}")) for n in range(11)]
        return answers, time.time() // 60 == window

    answers, within = burst()
    if not within:  # the minute ended meanwhile: the next one has just begun
        answers, _ = burst()
    assert [answer.status for answer in answers] == [200] * 10 + [429]
    # Ten hits at a window's start weigh on the next one until a tenth of it has passed: 66 s at the most.
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 66
