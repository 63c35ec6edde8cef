"""The stored sign-in service agrees with the pure rules, also under concurrency."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from falachefe.aws.tables import Table
from falachefe.kernel.ids import new_id
from falachefe.phone_sign_in import rules
from falachefe.phone_sign_in.codes import Codes
from falachefe.phone_sign_in.rules import Code, Kind, Outcome, State
from falachefe.phone_sign_in.service import SignIn
from tests.tables import lone_table

START = 1_795_000_000
SUBJECT = "user#ana"


def code(number: int, now: int) -> Code:
    return Code(f"nonce{number}", f"digest{number}", now + rules.CODE_LIFETIME_S)


@pytest.fixture
def table() -> Iterator[Table]:
    with lone_table("auth") as made:
        yield made


STEPS = [
    ("oi", 0), ("000000", 1), ("000000", 2), ("reenviar", 3), ("reenviar", 65), ("000000", 70), ("000000", 80),
    ("RIGHT", 90), ("oi", 400), ("RIGHT", 401), ("oi", 402), ("oi", 402 + 86_400), ("000000", 86_900),
]  # fmt: skip


def test_stored_service_agrees_with_the_pure_rules(table: Table) -> None:
    """Every step through DynamoDB gives the outcome, and leaves the state, that the rules give in memory."""
    codes = Codes("pepper")
    company, phone = new_id(), "+5511987654321"
    service = SignIn(table, lambda: codes)
    sent: list[str] = []
    state = State()
    for number, (text, after) in enumerate(STEPS):
        now = datetime.fromtimestamp(START + after, UTC)
        said = codes.shown(company, phone, sent[-1]) if text == "RIGHT" else text
        outcome = service.message(company, phone, said, subject=SUBJECT, cause=f"m{number}", now=now)
        state, expected = _pure(state, text, outcome, START + after)
        assert (outcome.kind, outcome.wait_s, outcome.tries_left) == (
            expected.kind,
            expected.wait_s,
            expected.tries_left,
        ), f"step {number}"
        if outcome.code:
            sent.append(outcome.code.nonce)
    assert len(sent) >= 3


def _pure(state: State, text: str, stored: Outcome, now: int) -> tuple[State, Outcome]:
    fresh = stored.code or code(0, now)
    signed_in = rules.has_session(state, SUBJECT, now)
    asked = rules.code_is_pending(state, now) or state.locked_until > now
    if text in ("RIGHT", "000000") and asked and not signed_in:
        return rules.on_code(state, matches=text == "RIGHT", subject=SUBJECT, session_id="t", now=now)
    if text == "reenviar" and state.code is not None and not signed_in:
        return rules.on_resend(state, fresh, now)
    return rules.on_message(state, fresh, SUBJECT, now)


class Racing(Table):
    """Lets another writer in between the read and the write of the first attempts."""

    def __init__(self, table: Table, interloper: Any) -> None:
        super().__init__(table._client, table.name)
        self.interloper = interloper

    def put(self, *args: Any, **kwargs: Any) -> None:
        interloper, self.interloper = self.interloper, None
        if interloper is not None:
            interloper()
        super().put(*args, **kwargs)


def test_concurrent_tries_cannot_both_be_the_last(table: Table) -> None:
    codes = Codes("pepper")
    company, phone, now = new_id(), "+5511987654321", datetime.fromtimestamp(START, UTC)
    calm = SignIn(table, lambda: codes)
    calm.message(company, phone, "oi", subject=SUBJECT, cause="a", now=now)
    for cause in ("b", "c"):
        calm.code(company, phone, "x", subject=SUBJECT, cause=cause, now=now)
    others: list[Outcome] = []
    racing = SignIn(
        Racing(table, lambda: others.append(calm.code(company, phone, "x", subject=SUBJECT, cause="d", now=now))),
        lambda: codes,
    )
    outcome = racing.code(company, phone, "x", subject=SUBJECT, cause="e", now=now)
    assert [one.kind for one in others] == [Kind.LOCKED]
    assert outcome.kind is Kind.LOCKED


def test_redelivered_cause_gets_its_first_outcome(table: Table) -> None:
    codes = Codes("pepper")
    service = SignIn(table, lambda: codes)
    company, phone, now = new_id(), "+5511987654321", datetime.fromtimestamp(START, UTC)
    first = service.message(company, phone, "oi", subject=SUBJECT, cause="a", now=now)
    assert service.message(company, phone, "oi", subject=SUBJECT, cause="a", now=now) == first
    assert first.code is not None


def test_session_is_for_one_subject_only(table: Table) -> None:
    service = SignIn(table, lambda: Codes("pepper"))
    company, phone, now = new_id(), "+5511987654321", datetime.fromtimestamp(START, UTC)
    service.create_session(company, phone, subject="user#ana", now=now)
    assert service.subjects(company, phone, now).keys() == {"user#ana"}
    assert service.subjects(new_id(), phone, now).keys() == frozenset()
