"""Flows and codes under any order of callbacks, wrong browsers, outages and waits: each works once."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

from falachefe.aws.tables import Table
from falachefe.kernel.ids import new_id
from falachefe.oauth.flows import Flow, Flows
from falachefe.oauth.rules import (
    CODE_LIFETIME,
    FLOW_LIFETIME,
    Provider,
    challenge_of,
)
from tests.tables import lone_table

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
VERIFIERS = ("v" * 43, "w" * 43)
PEPPER = "p" * 64


@pytest.fixture
def table() -> Iterator[Table]:
    with lone_table("auth") as made:
        yield made


def begin(flows: Flows, provider: Provider = "google", challenge: str = "", now: datetime = NOW) -> Flow:
    return flows.begin(
        provider, callback="https://a/callback", landing="https://b/", company=None, challenge=challenge, now=now
    )


class Travelling(RuleBasedStateMachine):
    """Browsers that go and come back, some with another's state, and a provider that is silent now and then."""

    trips = Bundle("trips")
    codes = Bundle("codes")

    @initialize()
    def open(self) -> None:
        self.context = lone_table("auth")
        self.flows = Flows(self.context.__enter__(), PEPPER)
        self.now = NOW
        self.alive: dict[str, datetime] = {}
        self.unspent: dict[str, tuple[datetime, int | None, UUID]] = {}

    def teardown(self) -> None:
        if hasattr(self, "context"):
            self.context.__exit__(None, None, None)

    @rule(seconds=st.sampled_from([1, 30, 59, 60, 300, 599, 600]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(target=trips, provider=st.sampled_from(["google", "github"]), verifier=st.sampled_from([None, 0, 1]))
    def go(self, provider: Provider, verifier: int | None) -> tuple[Flow, int | None]:
        challenge = "" if verifier is None else challenge_of(VERIFIERS[verifier])
        flow = begin(self.flows, provider, challenge, self.now)
        self.alive[flow.state] = self.now + FLOW_LIFETIME
        return flow, verifier

    @rule(target=codes, request=trips, other=trips, how=st.sampled_from(["right", "silent", "browser", "provider"]))
    def come_back(self, request: tuple[Flow, int | None], other: tuple[Flow, int | None], how: str) -> str:
        flow, verifier = request
        browser = other[0].browser if how == "browser" else flow.browser
        provider: Provider = flow.provider
        if how == "provider":
            provider = "github" if flow.provider == "google" else "google"
        taken = self.flows.take(provider, state=flow.state, browser=browser, now=self.now)

        fits = browser == flow.browser and provider == flow.provider
        may = fits and flow.state in self.alive and self.now < self.alive[flow.state]
        assert (taken is not None) == may
        if taken is None:
            return "nothing"
        assert taken == flow
        assert self.flows.verifier(taken) == self.flows.verifier(flow)
        if how == "silent":
            self.flows.restore(taken, self.now)
            self.alive[flow.state] = self.now + FLOW_LIFETIME
            return "nothing"
        del self.alive[flow.state]
        user_id = new_id()
        code = self.flows.grant(taken, new_id(), user_id, self.now)
        self.unspent[code] = (self.now + CODE_LIFETIME, verifier, user_id)
        return code

    @rule(code=codes, verifier=st.sampled_from([None, 0, 1]))
    def exchange(self, code: str, verifier: int | None) -> None:
        given = None if verifier is None else VERIFIERS[verifier]
        grant = self.flows.redeem(code, given, self.now)

        until, wanted, user_id = self.unspent.get(code, (NOW, None, None))
        may = code in self.unspent and self.now < until and verifier == wanted
        assert (grant.user_id if grant else None) == (user_id if may else None)
        if may:
            del self.unspent[code]


Travelling.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestTravelling = Travelling.TestCase


def test_concurrent_callbacks_take_a_flow_once(table: Table) -> None:
    flows = Flows(table, PEPPER)
    flow = begin(flows)

    def take(_: int) -> bool:
        return flows.take("google", state=flow.state, browser=flow.browser, now=NOW) is not None

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(take, range(16))) == {True: 1, False: 15}


def test_concurrent_redemptions_exchange_a_code_once(table: Table) -> None:
    flows = Flows(table, PEPPER)
    code = flows.grant(begin(flows), new_id(), new_id(), NOW)

    with ThreadPoolExecutor(8) as pool:
        grants = list(pool.map(lambda _: flows.redeem(code, None, NOW), range(16)))

    assert len([grant for grant in grants if grant is not None]) == 1


def test_verifier_and_nonce_differ_and_depend_on_pepper_and_state(table: Table) -> None:
    flows, others = Flows(table, PEPPER), Flows(table, "q" * 64)
    first, second = begin(flows), begin(flows)

    made = [flows.verifier(first), flows.nonce(first), flows.verifier(second), flows.nonce(second)]
    made += [others.verifier(first), others.nonce(first)]

    assert len(set(made)) == 6
    assert all(43 <= len(one) <= 128 for one in made)
