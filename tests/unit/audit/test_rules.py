"""What an audit entry records, and what it masks."""

from datetime import date
from decimal import Decimal

import pytest

from falachefe.audit.masking import MASK
from falachefe.audit.rules import MAX_VALUE_LENGTH, changed_fields, masked_address


def test_only_changed_fields_are_recorded_with_both_values() -> None:
    before = {"amount": Decimal("10.00"), "date": date(2026, 11, 1), "category": "agua"}
    after = {"amount": Decimal("12.50"), "date": date(2026, 11, 1), "category": "energia"}

    assert changed_fields(before, after) == {
        "amount": {"old": "10.00", "new": "12.50"},
        "category": {"old": "agua", "new": "energia"},
    }


def test_a_new_rows_fields_have_no_old_value() -> None:
    assert changed_fields({}, {"name": "Ana", "note": None}) == {"name": {"old": None, "new": "Ana"}}


@pytest.mark.parametrize("field", ["salary", "contact_phone", "e_mail", "access_token", "CPF"])
def test_secrets_and_personal_data_are_masked(field: str) -> None:
    changes = changed_fields({field: "before"}, {field: "after"}, masked={"e_mail"})

    assert changes == {field: {"old": MASK, "new": MASK}}


def test_a_long_text_is_cut() -> None:
    new = changed_fields({}, {"message": "x" * 10_000})["message"]["new"]

    assert isinstance(new, str)
    assert len(new) == MAX_VALUE_LENGTH + 1


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:abcd:12::1", "2001:db8:abcd::"),
        ("", None),
        (None, None),
        ("not an address", None),
    ],
)
def test_an_address_loses_its_host_part(address: str | None, shown: str | None) -> None:
    assert masked_address(address) == shown
