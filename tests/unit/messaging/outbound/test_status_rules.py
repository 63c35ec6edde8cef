"""A status only moves forward, in any order of the reports."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from falachefe.messaging.outbound.status_rules import forward

RANK = {"queued": 0, "sending": 1, "uncertain": 1, "sent": 2, "delivered": 3, "read": 4}
states = st.sampled_from(["sent", "delivered", "read", "failed"])


def apply_reports(status: str, reports: list[str]) -> list[str]:
    seen = [status]
    for report in reports:
        seen.append(forward(seen[-1], report) or seen[-1])
    return seen


@given(st.sampled_from(sorted(RANK)), st.lists(states, max_size=8))
def test_no_order_of_reports_moves_a_status_back(status: str, reports: list[str]) -> None:
    seen = apply_reports(status, reports)
    for before, after in pairwise(seen):
        if after == "failed":
            assert before == "failed" or RANK[before] < RANK["delivered"]
        else:
            assert before != "failed"
            assert RANK[after] >= RANK[before]


@given(st.permutations(["sent", "delivered", "read"]))
def test_the_furthest_report_wins(reports: list[str]) -> None:
    assert apply_reports("sending", reports)[-1] == "read"


def test_a_report_resolves_an_uncertain_send() -> None:
    assert forward("uncertain", "sent") == "sent"


def test_an_inbound_message_has_no_delivery_status() -> None:
    assert forward("received", "read") is None
