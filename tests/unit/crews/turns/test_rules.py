"""Decisions about turns, without a database."""

from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from falachefe.crews.turns import rules
from falachefe.crews.turns.rules import (
    Claim,
    Handoff,
    NoHandoff,
    Opening,
    Overdue,
    Routing,
    TaskFacts,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ALL = frozenset(rules.ROLE_NAMES)
ROLES = st.sampled_from(sorted(ALL))


def _opening(**facts: object) -> Opening:
    usual = {"has_active_task": False, "human_until": None, "crew_works": True, "pause_announced": False}
    return rules.open_or_join(now=NOW, **(usual | facts))  # type: ignore[arg-type]


def test_a_first_message_opens_a_turn() -> None:
    assert _opening() is Opening.OPEN


def test_a_message_during_a_turn_joins_it_even_when_the_crew_was_paused_since() -> None:
    assert _opening(has_active_task=True, crew_works=False) is Opening.JOIN


def test_the_pause_notice_is_sent_once() -> None:
    assert _opening(crew_works=False) is Opening.PAUSED_NOTICE
    assert _opening(crew_works=False, pause_announced=True) is Opening.PAUSED_SILENT


def test_the_crew_is_silent_until_the_takeover_ends() -> None:
    assert _opening(human_until=NOW + timedelta(seconds=1)) is Opening.SILENT
    assert _opening(human_until=NOW) is Opening.OPEN


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"wanted": "hr", "confidence": 0.9}, Routing("hr", "analysis")),
        ({"wanted": "hr", "confidence": 0.45}, Routing("hr", "analysis")),
        ({"wanted": "hr", "confidence": 0.44}, Routing("support", "low_confidence")),
        ({"wanted": "hr", "confidence": 0.9, "staff": False}, Routing("support", "contact")),
        ({"wanted": "hr", "confidence": 0.9, "active": ALL - {"hr"}}, Routing("support", "inactive_agent")),
        (
            {"wanted": "hr", "confidence": 0.9, "active": frozenset({"marketing"})},
            Routing("marketing", "inactive_agent"),
        ),
        ({"wanted": "hr", "confidence": 0.1, "active": frozenset({"hr"})}, Routing("hr", "analysis")),
        ({"wanted": "hr", "confidence": 0.9, "active": frozenset()}, None),
    ],
)
def test_routing(facts: dict[str, object], expected: Routing | None) -> None:
    assert rules.route(**({"staff": True, "active": ALL} | facts)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (TaskFacts("pending", 0, NOW + timedelta(seconds=30)), Claim.RUN),
        (TaskFacts("pending", 2, None), Claim.RUN),
        (TaskFacts("pending", 3, None), Claim.GIVE_UP),
        (TaskFacts("in_progress", 1, NOW + timedelta(seconds=1)), Claim.SKIP),
        (TaskFacts("in_progress", 1, NOW), Claim.RUN),
        (TaskFacts("in_progress", 3, NOW), Claim.GIVE_UP),
        (TaskFacts("completed", 1, None), Claim.SKIP),
        (TaskFacts("failed", 3, None), Claim.SKIP),
        (TaskFacts("cancelled", 0, None), Claim.SKIP),
    ],
)
def test_claiming(task: TaskFacts, expected: Claim) -> None:
    assert rules.claim(task, now=NOW, company_active=True, sender_active=True) is expected


@pytest.mark.parametrize(("company", "sender"), [(False, True), (True, False), (False, False)])
def test_an_unclaimed_task_of_an_inactive_sender_is_cancelled_and_a_claimed_one_left(
    company: bool, sender: bool
) -> None:
    free, taken = TaskFacts("pending", 0, None), TaskFacts("in_progress", 1, NOW + timedelta(seconds=1))
    decided = [rules.claim(task, now=NOW, company_active=company, sender_active=sender) for task in (free, taken)]
    assert decided == [Claim.CANCEL, Claim.SKIP]


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (TaskFacts("pending", 0, NOW), Overdue.ANNOUNCE),
        (TaskFacts("pending", 0, NOW + timedelta(seconds=1)), Overdue.LEAVE),
        (TaskFacts("in_progress", 2, NOW), Overdue.ANNOUNCE),
        (TaskFacts("in_progress", 3, NOW), Overdue.GIVE_UP),
        (TaskFacts("completed", 1, None), Overdue.LEAVE),
    ],
)
def test_what_the_sweep_does_with_a_task(task: TaskFacts, expected: Overdue) -> None:
    assert rules.overdue(task, now=NOW) is expected


def test_a_lease_is_longer_than_an_attempt() -> None:
    assert rules.LEASE > rules.TASK_TIMEOUT


def test_a_task_has_at_most_three_attempts() -> None:
    assert [rules.retry_after_failure(attempt) for attempt in (1, 2, 3)] == [True, True, False]


@pytest.mark.parametrize(
    ("wanted", "path", "active", "expected"),
    [
        ("hr", ["financial"], ALL, Handoff("hr", "wanted")),
        ("financial", ["financial"], ALL, Handoff("support", "to_itself")),
        ("financial", ["financial", "hr"], ALL, Handoff("support", "already_had_it")),
        ("support", ["orchestrator", "financial", "hr"], ALL, Handoff("support", "wanted")),
        ("marketing", ["orchestrator", "support", "financial", "hr"], ALL, Handoff("support", "too_many_hops")),
        ("hr", ["financial"], ALL - {"hr"}, Handoff("support", "inactive_agent")),
        ("hr", ["financial"], ALL - {"hr", "support"}, Handoff("orchestrator", "inactive_agent")),
        ("hr", ["financial"], frozenset({"financial"}), NoHandoff("inactive_agent")),
        ("financial", ["financial", "support"], ALL, NoHandoff("already_had_it")),
        ("support", ["support"], ALL, NoHandoff("to_itself")),
    ],
)
def test_handoffs(wanted: str, path: list[str], active: frozenset[str], expected: Handoff | NoHandoff) -> None:
    assert rules.handoff(origin=path[-1], wanted=wanted, path=path, active=active) == expected


@given(first=ROLES, wishes=st.lists(ROLES, min_size=8, max_size=8), active=st.frozensets(ROLES))
def test_repeated_handoffs_come_to_an_end(first: str, wishes: list[str], active: frozenset[str]) -> None:
    path = [first]
    for wanted in wishes:
        decision = rules.handoff(origin=path[-1], wanted=wanted, path=path, active=active)
        if isinstance(decision, NoHandoff):
            break
        assert decision.to in active
        assert decision.to != path[-1]
        path.append(decision.to)
    assert len(path) <= rules.MAX_HOPS + 2
    assert len(path) <= rules.MAX_HOPS + 1 or path[-1] == "support"


def test_the_line_of_a_handoff_names_the_agent_that_took_over() -> None:
    assert rules.handoff_line("hr", wanted="hr", reason="wanted") == "Passei para o RH."
    assert (
        rules.handoff_line("support", wanted="hr", reason="inactive_agent")
        == "O RH não está disponível agora, então passei para o suporte."
    )
    assert rules.handoff_line("support", wanted="hr", reason="already_had_it") == "Passei para o suporte."
