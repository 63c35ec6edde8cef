"""The sign-in rules under every order of messages, codes, resends and waits; the stored service agrees with them."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.session import Session as BotoSession
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from moto import mock_aws

from falachefe.aws.tables import Table
from falachefe.kernel.ids import new_id
from falachefe.phone_sign_in import rules
from falachefe.phone_sign_in.codes import Codes
from falachefe.phone_sign_in.rules import (
    Code,
    Kind,
    Outcome,
    State,
)
from falachefe.phone_sign_in.service import SignIn

START = 1_795_000_000
SUBJECT = "user#ana"


def code(number: int, now: int) -> Code:
    return Code(f"nonce{number}", f"digest{number}", now + rules.CODE_LIVES)


def in_window(moments: list[int], window: int, now: int) -> int:
    return sum(moment > now - window for moment in moments)


class SigningIn(RuleBasedStateMachine):
    """Plays a phone, and an attacker on it, and keeps its own account of what the limits allow."""

    @initialize()
    def begin(self) -> None:
        self.state = State()
        self.now = START
        self.numbers = itertools.count()
        self.tokens = itertools.count()
        self.pending: tuple[Code, int] | None = None
        self.used: set[str] = set()
        self.resends: list[int] = []
        self.last_sent = 0
        self.compared: list[int] = []
        self.wrong_since_code = 0
        self.wrong_since_success = 0
        self.locked_until = 0

    def act(self, decision: tuple[State, Outcome]) -> Outcome:
        self.state, outcome = decision
        return outcome

    def sent(self, outcome: Outcome) -> None:
        assert outcome.code is not None
        self.pending = (outcome.code, self.now)
        self.last_sent = self.now
        self.wrong_since_code = 0

    @rule(seconds=st.sampled_from([1, 20, 59, 60, 61, 150, 299, 300, 301, 600, 900, 3600, 86_399, 86_400]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule()
    def write(self) -> None:
        signed_in = rules.has_session(self.state, SUBJECT, self.now)
        outcome = self.act(rules.on_message(self.state, code(next(self.numbers), self.now), SUBJECT, self.now))
        if outcome.kind is Kind.CODE_SENT:
            assert self.now >= self.locked_until
            self.sent(outcome)
        assert (outcome.kind is Kind.PROCEED) == signed_in

    @rule()
    def ask_for_another(self) -> None:
        allowed_from = max(self.last_sent + 60, self.locked_until)
        outcome = self.act(rules.on_resend(self.state, code(next(self.numbers), self.now), self.now))
        if outcome.kind in (Kind.CODE_SENT, Kind.NOTHING_TO_RESEND):
            assert self.now >= allowed_from
            self.resends.append(self.now)
            self.last_sent = self.now
            assert in_window(self.resends, 300, self.now) <= 3
        if outcome.kind is Kind.CODE_SENT:
            self.sent(outcome)

    @rule(right=st.booleans())
    def give_code(self, right: bool) -> None:
        matches = right and self.state.code is not None
        token = f"token{next(self.tokens)}"
        outcome = self.act(rules.on_code(self.state, matches=matches, subject=SUBJECT, session_id=token, now=self.now))
        if self.now < self.locked_until:
            assert outcome.kind is Kind.LOCKED
            return
        if outcome.kind is Kind.TOO_MANY_ATTEMPTS:
            assert in_window(self.compared, 300, self.now) >= 3
            return
        self.compared.append(self.now)
        assert in_window(self.compared, 300, self.now) <= 3
        if outcome.kind is Kind.VERIFIED:
            assert right
            assert self.pending is not None
            sent_code, at = self.pending
            assert self.now < at + 300
            assert sent_code.nonce not in self.used
            assert self.wrong_since_code < 3
            self.used.add(sent_code.nonce)
            self.pending = None
            self.wrong_since_code = self.wrong_since_success = 0
            self.resends.clear()
            return
        self.wrong_since_code += 1
        self.wrong_since_success += 1
        must_lock = self.wrong_since_code >= 3 or self.wrong_since_success >= 5
        assert (outcome.kind is Kind.LOCKED) == must_lock
        if must_lock:
            self.locked_until = self.now + 900
            self.wrong_since_code = self.wrong_since_success = 0
            self.pending = None

    @invariant()
    def never_more_than_three_sessions(self) -> None:
        if hasattr(self, "state"):
            assert len(self.state.sessions) <= 3
            assert all(one.expires_at <= self.now + 86_400 for one in self.state.sessions)

    @invariant()
    def nothing_that_matters_is_forgotten_early(self) -> None:
        if hasattr(self, "state"):
            until = rules.keep_until(self.state, self.now)
            assert until >= self.state.locked_until
            assert all(until >= one.expires_at for one in self.state.sessions)
            assert self.state.code is None or until >= self.state.code.expires_at


SigningIn.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestSigningIn = SigningIn.TestCase


def test_the_oldest_of_three_sessions_gives_way() -> None:
    state = State()
    for number in range(4):
        state = rules.open_session(state, SUBJECT, f"token{number}", START + number)
    assert [one.id for one in state.sessions] == ["token1", "token2", "token3"]


def test_five_failures_over_several_codes_lock_the_phone() -> None:
    state, now = State(), START
    kinds = []
    for number in range(5):
        if number % 2 == 0:
            now += 301
            state, _ = rules.on_message(state, code(number, now), SUBJECT, now)
        state, outcome = rules.on_code(state, matches=False, subject=SUBJECT, session_id="", now=now)
        kinds.append(outcome.kind)
    assert kinds == [Kind.WRONG] * 4 + [Kind.LOCKED]


def test_a_phone_that_nobody_knows_gets_the_answers_of_a_known_one() -> None:
    known, _ = rules.on_message(State(), code(0, START), SUBJECT, START)
    answers = []
    for begin in (State(), known):
        state, kinds = begin, []
        for _ in range(4):
            state, outcome = rules.on_code(state, matches=False, subject="contact", session_id="", now=START + 1)
            kinds.append((outcome.kind, outcome.tries_left, outcome.wait_s))
        answers.append(kinds)
    assert answers[0] == answers[1]


@pytest.fixture
def table() -> Iterator[Table]:
    with mock_aws():
        client: Any = BotoSession().create_client("dynamodb", region_name="sa-east-1")
        client.create_table(
            TableName="auth",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )
        yield Table(client, "auth")


STEPS = [
    ("oi", 0), ("000000", 1), ("000000", 2), ("reenviar", 3), ("reenviar", 65), ("000000", 70), ("000000", 80),
    ("RIGHT", 90), ("oi", 400), ("RIGHT", 401), ("oi", 402), ("oi", 402 + 86_400), ("000000", 86_900),
]  # fmt: skip


def test_the_stored_service_agrees_with_the_pure_rules(table: Table) -> None:
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


def test_two_tries_at_once_cannot_both_be_the_last(table: Table) -> None:
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


def test_a_cause_that_comes_again_gets_its_first_outcome(table: Table) -> None:
    codes = Codes("pepper")
    service = SignIn(table, lambda: codes)
    company, phone, now = new_id(), "+5511987654321", datetime.fromtimestamp(START, UTC)
    first = service.message(company, phone, "oi", subject=SUBJECT, cause="a", now=now)
    assert service.message(company, phone, "oi", subject=SUBJECT, cause="a", now=now) == first
    assert first.code is not None


def test_a_session_is_for_one_subject_only(table: Table) -> None:
    service = SignIn(table, lambda: Codes("pepper"))
    company, phone, now = new_id(), "+5511987654321", datetime.fromtimestamp(START, UTC)
    service.create_session(company, phone, subject="user#ana", now=now)
    assert service.subjects(company, phone, now).keys() == {"user#ana"}
    assert service.subjects(new_id(), phone, now).keys() == frozenset()
