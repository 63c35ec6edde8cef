from dataclasses import dataclass
from uuid import RFC_4122

import pytest

from falachefe.kernel import errors, ids
from falachefe.kernel.config import MissingSetting, Settings
from falachefe.kernel.errors import DomainError


def test_ids_are_uuids_of_version_seven() -> None:
    identifier = ids.new_id()

    assert (identifier.version, identifier.variant) == (7, RFC_4122)


def test_ids_sort_by_creation_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_last_tick", 0)  # and back again: other tests' ids go on from their own time
    made = []
    for millisecond in (1, 2, 1_800_000_000_000, 2**47):
        monkeypatch.setattr("falachefe.kernel.ids.time.time_ns", lambda at=millisecond: at * 1_000_000)
        made.append(ids.new_id())

    assert made == sorted(made)
    assert [identifier.int >> 80 for identifier in made] == [1, 2, 1_800_000_000_000, 2**47]


def test_a_clock_that_was_corrected_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("falachefe.kernel.ids.time.time_ns", lambda: 2**47 * 1_000_000)
    ids.new_id()
    monkeypatch.setattr("falachefe.kernel.ids.time.time_ns", lambda: 1_800_000_000_000 * 1_000_000)

    assert ids.new_id().int >> 80 == 1_800_000_000_000


def test_ids_of_one_millisecond_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_last_tick", 0)
    monkeypatch.setattr("falachefe.kernel.ids.time.time_ns", lambda: 10**18)

    assert len({ids.new_id() for _ in range(1000)}) == 1000


@dataclass(frozen=True)
class Example(Settings):
    table_name: str
    limit: int
    verbose: bool = False


def test_settings_are_read_from_variables_in_upper_case() -> None:
    assert Example.from_env({"TABLE_NAME": "t", "LIMIT": "5", "VERBOSE": "TRUE"}) == Example("t", 5, True)


def test_a_missing_setting_keeps_its_default() -> None:
    assert Example.from_env({"TABLE_NAME": "t", "LIMIT": "5", "VERBOSE": ""}).verbose is False


def test_all_missing_and_invalid_settings_are_named_at_once() -> None:
    with pytest.raises(MissingSetting, match=r"Example needs TABLE_NAME, LIMIT \(unreadable\), VERBOSE \(unreadable\)"):
        Example.from_env({"LIMIT": "five", "VERBOSE": "perhaps"})


REFUSALS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DomainError)]


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_has_a_client_status_or_503_and_an_ascii_code(kind: type[DomainError]) -> None:
    refusal = kind("Não deu.")

    assert 400 <= refusal.status < 500 or refusal.status == 503
    assert refusal.code.isascii()
    assert (refusal.detail, str(refusal)) == ("Não deu.", "Não deu.")


def test_a_refusal_may_have_its_own_code_and_retry_after() -> None:
    refusal = errors.LimitExceeded("Espere.", code="login_locked", retry_after=30)

    assert (refusal.code, refusal.retry_after, refusal.status) == ("login_locked", 30, 429)
