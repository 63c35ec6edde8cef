from datetime import UTC, datetime, timedelta

from falachefe.kernel.ttl_cache import TtlCache

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
TTL = timedelta(seconds=30)


def test_a_value_is_valid_until_its_ttl_ends() -> None:
    cache = TtlCache[str, int](TTL)

    assert cache.put("a", 1, NOW) == 1
    assert cache.get("a", NOW) == 1
    assert cache.get("a", NOW + TTL - timedelta(microseconds=1)) == 1
    assert cache.get("a", NOW + TTL) is None
    assert cache.get("b", NOW) is None


def test_setting_the_clock_back_does_not_extend_a_value() -> None:
    cache = TtlCache[str, int](TTL)
    cache.put("a", 1, NOW)

    assert cache.get("a", NOW - timedelta(seconds=1)) is None


def test_a_caller_may_require_a_newer_value() -> None:
    cache = TtlCache[str, int](TTL)
    cache.put("a", 1, NOW)
    later = NOW + timedelta(seconds=10)

    assert cache.get("a", later, newer_than=timedelta(seconds=10)) is None
    assert cache.get("a", later, newer_than=timedelta(seconds=11)) == 1


def test_an_expired_value_is_available_as_stale() -> None:
    cache = TtlCache[str, int](TTL)
    cache.put("a", 1, NOW)

    assert cache.get("a", NOW + TTL) is None
    assert cache.get_stale("a") == 1
    assert cache.get_stale("b") is None


def test_a_full_cache_drops_all_entries() -> None:
    cache = TtlCache[str, int](TTL, most=2)
    cache.put("a", 1, NOW)
    cache.put("b", 2, NOW)

    cache.put("b", 3, NOW)
    assert (cache.get("a", NOW), cache.get("b", NOW)) == (1, 3)

    cache.put("c", 4, NOW)
    assert (cache.get("a", NOW), cache.get("b", NOW), cache.get("c", NOW)) == (None, None, 4)


def test_a_discarded_value_is_gone_stale_or_not() -> None:
    cache = TtlCache[str, int](TTL)
    cache.put("a", 1, NOW)

    cache.discard("a")
    cache.discard("b")

    assert cache.get("a", NOW) is None
    assert cache.get_stale("a") is None
