"""Rules of user metadata, names, reachability and the last admin."""

from typing import Any

import pytest
from hypothesis import given, strategies
from pydantic import ValidationError

from falachefe.accounts import names
from falachefe.accounts import rules as user_rules
from falachefe.accounts.user_schemas import UserIn
from falachefe.kernel.errors import DomainError
from falachefe.kernel.text import one_line

words = strategies.text(min_size=1, max_size=30).map(one_line).filter(bool)


@given(words)
def test_full_name_and_parts_agree(full: str) -> None:
    kept = names.from_full(full)

    assert names.from_parts(kept["first_name"] or "", kept["last_name"]) == kept


@pytest.mark.parametrize(
    ("known", "changes", "full"),
    [
        (names.from_full("Ana Maria Lima"), {"first_name": "Bia"}, "Bia Maria Lima"),
        (names.from_full("Ana Lima"), {"last_name": None}, "Ana"),
        (names.from_full("Ana Lima"), {"first_name": "Bia", "last_name": "Sá"}, "Bia Sá"),
        (names.from_parts("Ana Maria", "Lima"), {"last_name": "Sá"}, "Ana Maria Sá"),
        ({"name": "Ana Lima", "first_name": None, "last_name": None}, {"last_name": "Sá"}, "Ana Sá"),
    ],
)
def test_changing_a_part_changes_the_full_name(
    known: dict[str, str | None], changes: dict[str, str | None], full: str
) -> None:
    assert names.with_changes(known, changes)["name"] == full


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ({}, True),
        ({"crmv": "SP-12345", "turnos": ["manhã", "tarde"]}, True),
        ({"a": {"b": {"c": [1]}}}, True),
        ({"a": {"b": {"c": [[]]}}}, False),
        ({"a": "x" * user_rules.MAX_METADATA_BYTES}, False),
        ({"a": "\0"}, False),
        ({"a\0": 1}, False),
        ({"a": ["\ud800"]}, False),
    ],
)
def test_metadata_is_limited_in_size_and_depth(note: dict[str, Any], kept: bool) -> None:
    assert (user_rules.metadata_problem(note) is None) is kept


@pytest.mark.parametrize(
    "sent",
    [
        {"first_name": " "},
        {"first_name": "Ana", "password": "uma senha bem longa"},
        {"first_name": "Ana", "status": "active"},
        {"first_name": "Ana", "email_verified_at": "2026-11-01T00:00:00Z"},
        {"first_name": "Ana", "username": "a"},
        {"first_name": "Ana", "username": "ana lima"},
        {"first_name": "Ana", "username": "-ana"},
        {"first_name": "Ana", "email": "ana"},
        {"first_name": "Ana", "phone": "12"},
        {"first_name": "Ana", "role": "owner"},
        {"first_name": "Ana", "metadata": []},
    ],
)
def test_user_input_rejects_missing_invalid_and_extra_fields(sent: dict[str, Any]) -> None:
    UserIn.model_validate({"first_name": "Ana"})

    with pytest.raises(ValidationError):
        UserIn.model_validate(sent)


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (lambda: user_rules.check_admins_remain(0), "last_admin"),
        (lambda: user_rules.check_own_email(own=True), "own_email"),
        (lambda: user_rules.check_reachable(None, None), "unreachable"),
    ],
)
def test_rules_raise_an_error_with_its_code(check: Any, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        check()

    assert refused.value.code == code


def test_valid_input_raises_nothing() -> None:
    user_rules.check_admins_remain(1)
    user_rules.check_own_email(own=False)
    user_rules.check_reachable("a@b.c", None)
    user_rules.check_reachable(None, "+5511987654321")


@pytest.mark.parametrize(
    ("role", "status", "deleted", "runs"),
    [
        ("admin", "active", False, True),
        ("superadmin", "active", False, True),
        ("user", "active", False, False),
        ("admin", "inactive", False, False),
        ("admin", "active", True, False),
    ],
)
def test_only_active_admins_can_administer_the_company(role: str, status: str, deleted: bool, runs: bool) -> None:
    assert user_rules.is_admin(role, status, deleted=deleted) is runs
