"""The sliding limit against DynamoDB's own semantics (moto)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.session import Session
from moto import mock_aws

from falachefe.aws.rate_limit import SlidingLimit
from falachefe.aws.tables import ConditionFailed, Table
from tests.integration.aws.atomic import AtomicTable
from tests.tables import create_table

NOW = datetime(2026, 11, 10, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def limits_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client: Any = Session().create_client("dynamodb", region_name="sa-east-1")
        create_table(client, "limits")
        yield AtomicTable(client, "limits")


def test_only_the_limit_is_allowed_and_a_refusal_has_retry_after(limits_table: Table) -> None:
    limit = SlidingLimit(limits_table)
    verdicts = [limit.hit("phone", limit=10, window_s=60, now=NOW + timedelta(seconds=n)) for n in range(15)]
    assert [v.allowed for v in verdicts] == [True] * 10 + [False] * 5
    assert [v.remaining for v in verdicts[:10]] == list(range(9, -1, -1))
    assert 0 < verdicts[-1].retry_after_s <= 60


def test_after_retry_after_one_more_hit_is_allowed(limits_table: Table) -> None:
    limit = SlidingLimit(limits_table)
    for _ in range(10):
        limit.hit("phone", limit=10, window_s=60, now=NOW)
    refused = limit.hit("phone", limit=10, window_s=60, now=NOW + timedelta(seconds=5))
    later = NOW + timedelta(seconds=5 + refused.retry_after_s)
    assert not limit.hit("phone", limit=10, window_s=60, now=later - timedelta(seconds=1)).allowed
    assert limit.hit("phone", limit=10, window_s=60, now=later).allowed


def test_hits_of_the_previous_window_lose_weight_over_time(limits_table: Table) -> None:
    limit = SlidingLimit(limits_table)
    for _ in range(10):
        assert limit.hit("phone", limit=10, window_s=60, now=NOW + timedelta(seconds=59)).allowed
    assert not limit.hit("phone", limit=10, window_s=60, now=NOW + timedelta(seconds=61)).allowed
    allowed = [limit.hit("phone", limit=10, window_s=60, now=NOW + timedelta(seconds=90)).allowed for _ in range(10)]
    assert sum(allowed) == 5


@pytest.mark.parametrize("distinct", [None, "same"])
def test_the_limit_holds_under_concurrent_callers(limits_table: Table, distinct: str | None) -> None:
    def call(n: int) -> bool:
        name = f"id-{n}" if distinct else None
        return SlidingLimit(limits_table).hit("k", limit=20, window_s=60, now=NOW, distinct=name).allowed

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(call, range(50))) == 20


def test_a_redelivered_id_counts_once(limits_table: Table) -> None:
    limit = SlidingLimit(limits_table)
    for n in range(10):
        for _ in range(3):
            assert limit.hit("phone", limit=10, window_s=60, now=NOW, distinct=f"m{n}").allowed
    assert not limit.hit("phone", limit=10, window_s=60, now=NOW, distinct="m10").allowed
    assert limit.hit("phone", limit=10, window_s=60, now=NOW, distinct="m3").allowed


def test_ids_of_an_empty_new_window_are_counted_from_one(limits_table: Table) -> None:
    limit = SlidingLimit(limits_table)
    for n in range(4):
        limit.hit("phone", limit=4, window_s=60, now=NOW + timedelta(seconds=59), distinct=f"a{n}")
    assert not limit.hit("phone", limit=4, window_s=60, now=NOW + timedelta(seconds=60), distinct="b").allowed
    late = NOW + timedelta(seconds=119)
    assert [limit.hit("phone", limit=4, window_s=60, now=late, distinct=f"c{n}").allowed for n in range(4)] == [
        True,
        True,
        True,
        False,
    ]


def test_a_limit_of_zero_refuses_everything(limits_table: Table) -> None:
    assert not SlidingLimit(limits_table).hit("k", limit=0, window_s=60, now=NOW).allowed


def test_a_clock_that_is_behind_counts_in_the_newer_window(limits_table: Table) -> None:
    ahead, behind = SlidingLimit(limits_table), SlidingLimit(limits_table)
    for _ in range(3):
        assert ahead.hit("k", limit=3, window_s=60, now=NOW + timedelta(seconds=60)).allowed
    assert not behind.hit("k", limit=3, window_s=60, now=NOW + timedelta(seconds=59)).allowed


def test_a_hit_needs_one_write_once_the_window_is_known(limits_table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[str] = []
    original = Table.update

    def counting(self: Table, *args: object, **options: object) -> object:
        writes.append("update")
        return original(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Table, "update", counting)
    limit = SlidingLimit(limits_table)
    for n in range(5):
        limit.hit("k", limit=10, window_s=60, now=NOW + timedelta(seconds=n))
    assert len(writes) == 5


def test_values_round_trip(limits_table: Table) -> None:
    item = {"pk": "a", "sk": "b", "n": 3, "yes": True, "none": None, "l": [1, "x"], "m": {"k": 2}, "s": {"a", "b"}}
    limits_table.put(item)
    assert limits_table.get("a", "b") == item
    assert limits_table.get("a", "other") is None


def test_a_failed_condition_has_the_existing_item(limits_table: Table) -> None:
    limits_table.put({"pk": "a", "sk": "b", "n": 1})
    with pytest.raises(ConditionFailed) as caught:
        limits_table.put({"pk": "a", "sk": "b", "n": 2}, condition="attribute_not_exists(pk)")
    assert caught.value.item["n"] == 1


def test_a_query_reads_all_pages_in_order(limits_table: Table) -> None:
    for n in range(30):
        limits_table.put({"pk": "p", "sk": f"x#{n:03}", "pad": "y" * 60_000})
    assert [item["sk"] for item in limits_table.query("p", "x#")] == [f"x#{n:03}" for n in range(30)]
    assert [item["sk"] for item in limits_table.query("p", "x#", limit=2, forward=False)] == ["x#029", "x#028"]


def test_weighted_hits_are_allowed_all_or_none(limits_table: Table) -> None:
    limit = SlidingLimit(limits_table)
    assert limit.hit("company", limit=10, window_s=60, now=NOW).remaining == 9
    assert limit.hit("company", limit=10, window_s=60, now=NOW, weight=7).remaining == 2
    assert not limit.hit("company", limit=10, window_s=60, now=NOW, weight=3).allowed
    assert limit.hit("company", limit=10, window_s=60, now=NOW, weight=2).remaining == 0
    assert not limit.hit("company", limit=10, window_s=60, now=NOW).allowed


def test_weighted_hits_open_a_window_and_lose_weight_with_it(limits_table: Table) -> None:
    limit = SlidingLimit(limits_table)
    assert limit.hit("company", limit=10, window_s=60, now=NOW, weight=10).allowed
    half_faded = NOW + timedelta(seconds=90)
    assert not SlidingLimit(limits_table).hit("company", limit=10, window_s=60, now=half_faded, weight=6).allowed
    assert SlidingLimit(limits_table).hit("company", limit=10, window_s=60, now=half_faded, weight=5).remaining == 0


def test_hits_with_an_id_cannot_be_weighted(limits_table: Table) -> None:
    with pytest.raises(ValueError, match="one by one"):
        SlidingLimit(limits_table).hit("k", limit=10, window_s=60, now=NOW, distinct="m1", weight=2)
