"""The store of sessions: other runtimes, and many requests at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from falachefe.aws.clients import client
from falachefe.aws.tables import Table
from falachefe.kernel.errors import Unauthenticated
from falachefe.kernel.ids import new_id
from falachefe.sessions.store import (
    MAX_SESSIONS,
    Device,
    Session,
    Sessions,
)
from tests.integration.aws.atomic import AtomicTable
from tests.integration.aws_fixtures import NOW

DEVICE = Device("Celular", "Firefox", "203.0.113.0")


@pytest.fixture
def store(aws: None) -> Sessions:
    return Sessions(AtomicTable(client("dynamodb"), "auth"), lambda: "p" * 64)


@pytest.fixture
def opened(store: Sessions) -> tuple[Session, str]:
    return store.open(new_id(), new_id(), "admin", DEVICE, NOW)


def another_runtime() -> Sessions:
    return Sessions(AtomicTable(client("dynamodb"), "auth"), lambda: "p" * 64)


def test_number_of_sessions_per_user_is_limited(store: Sessions) -> None:
    company, person = new_id(), new_id()
    opened = [
        store.open(company, person, "user", DEVICE, NOW + timedelta(seconds=number))[0].key
        for number in range(MAX_SESSIONS + 3)
    ]

    left = {one.key for one in store.of_user(company, person, NOW)}
    assert left == set(opened[3:])


def test_other_runtimes_refuse_an_ended_session_within_thirty_seconds(
    store: Sessions, opened: tuple[Session, str]
) -> None:
    key, far = opened[0].key, another_runtime()
    far.require(key, NOW)
    store.end(key)

    far.require(key, NOW + timedelta(seconds=29))
    with pytest.raises(Unauthenticated):
        far.require(key, NOW + timedelta(seconds=30))


def test_live_session_is_cached_for_thirty_seconds(
    store: Sessions, opened: tuple[Session, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    original = Table.get

    def counting(self: Table, pk: str, sk: str, **options: Any) -> Any:
        asked.append(sk)
        return original(self, pk, sk, **options)

    monkeypatch.setattr(Table, "get", counting)
    for second in range(60):
        store.require(opened[0].key, NOW + timedelta(seconds=second))

    assert len(asked) == 2


def test_concurrent_refreshes_get_one_successor(opened: tuple[Session, str]) -> None:
    _, token = opened

    def renewed(_: int) -> str:
        store = another_runtime()
        return store.rotate(store.present(token, NOW), "admin", NOW)[1]

    with ThreadPoolExecutor(20) as pool:
        successors = set(pool.map(renewed, range(20)))

    assert len(successors) == 1
    (successor,) = successors
    assert another_runtime().present(successor, NOW).token.generation == 2


def test_session_ended_during_a_refresh_stays_ended(store: Sessions, opened: tuple[Session, str]) -> None:
    session, token = opened
    presented = store.present(token, NOW)
    store.end(session.key)

    with pytest.raises(Unauthenticated):
        store.rotate(presented, "admin", NOW)

    assert store.of_user(session.key.company_id, session.key.user_id, NOW) == []


def test_reuse_among_concurrent_refreshes_ends_the_session(opened: tuple[Session, str]) -> None:
    """In any order: once the spent token was used, no token of the session is valid."""
    session, spent = opened
    store = another_runtime()
    current = store.rotate(store.present(spent, NOW), "admin", NOW)[1]
    later = NOW + timedelta(seconds=11)

    def use(token: str) -> str | None:
        one = another_runtime()
        try:
            return one.rotate(one.present(token, later), "admin", later)[1]
        except Unauthenticated:
            return None

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(use, [current, spent] * 10))

    assert store.of_user(session.key.company_id, session.key.user_id, later) == []
    for token in filter(None, [current, *results]):
        assert use(token) is None
