"""Who gets an export's link, and the permissions of a run."""

from dataclasses import replace
from uuid import UUID

import pytest

from falachefe.exports.models import Export
from falachefe.exports.runs import _intersection
from falachefe.exports.service import _folder, _may_download
from falachefe.http.principal import KeyFacts, Principal

ANA = Principal(UUID(int=1), UUID(int=9), "admin", frozenset({"time_off.read"}), "s")
KEY = replace(ANA, session_id="", key=KeyFacts(UUID(int=5), 60))
OTHER_KEY = replace(KEY, key=KeyFacts(UUID(int=6), 60))
BRUNO = replace(ANA, user_id=UUID(int=2))


def export_of(who: Principal) -> Export:
    return Export(requested_by=who.user_id, resource="time-off", object_key=f"{_folder(who)}x.csv")


@pytest.mark.parametrize(
    ("asked", "looks", "may"),
    [
        (ANA, ANA, True),
        (ANA, BRUNO, False),
        (ANA, KEY, False),
        (KEY, KEY, True),
        (KEY, OTHER_KEY, False),
        (KEY, ANA, True),
        (ANA, replace(ANA, permissions=frozenset()), False),
        (ANA, replace(ANA, permissions=frozenset({"*"})), True),
    ],
)
def test_only_the_requester_who_may_still_read_the_list_gets_a_link(
    asked: Principal, looks: Principal, may: bool
) -> None:
    assert _may_download(looks, export_of(asked)) is may


@pytest.mark.parametrize(
    ("now", "then", "both"),
    [
        ({"a", "b"}, {"b", "c"}, {"b"}),
        ({"*"}, {"a"}, {"a"}),
        ({"a"}, {"*"}, {"a"}),
        ({"*"}, {"*"}, {"*"}),
        (set(), {"*"}, set()),
    ],
)
def test_a_run_has_the_permissions_held_both_then_and_now(now: set[str], then: set[str], both: set[str]) -> None:
    assert _intersection(frozenset(now), frozenset(then)) == both
