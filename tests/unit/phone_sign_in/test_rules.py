"""The sign-in rules under any order of messages, codes, resends and waits."""

import itertools

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from falachefe.phone_sign_in import rules
from falachefe.phone_sign_in.rules import (
    Code,
    Kind,
    Outcome,
    State,
)

START = 1_795_000_000
SUBJECT = "user#ana"


def code(number: int, now: int) -> Code:
    return Code(f"nonce{number}", f"digest{number}", now + rules.CODE_LIFETIME_S)


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


def test_fourth_session_replaces_the_oldest() -> None:
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


def test_unknown_phone_gets_the_same_outcomes_as_a_known_one() -> None:
    known, _ = rules.on_message(State(), code(0, START), SUBJECT, START)
    answers = []
    for begin in (State(), known):
        state, kinds = begin, []
        for _ in range(4):
            state, outcome = rules.on_code(state, matches=False, subject="contact", session_id="", now=START + 1)
            kinds.append((outcome.kind, outcome.tries_left, outcome.wait_s))
        answers.append(kinds)
    assert answers[0] == answers[1]
