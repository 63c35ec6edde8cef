"""A cursor leads back to where its page ended, and no other text leads anywhere."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.finance.models import Transaction
from falachefe.finance.resources import TRANSACTIONS
from falachefe.kernel.errors import InvalidInput
from falachefe.resources.lists.paging import cursor_after, place_of, with_key
from falachefe.resources.lists.query_string import Order

BY_DATE = with_key((Order("date", descending=True), Order("amount", descending=False)))


@given(st.dates(), st.decimals("0.01", "99999999.99", places=2), st.uuids())
def test_a_cursor_leads_back_to_where_the_page_ended(day: date, amount: Decimal, identifier: UUID) -> None:
    cursor = cursor_after(TRANSACTIONS, BY_DATE, Transaction(id=identifier, occurred_on=day, amount=amount))

    assert cursor.isascii()
    assert "=" not in cursor
    assert place_of(TRANSACTIONS, BY_DATE, cursor) == [day, amount, identifier]


def test_a_cursor_of_another_order_is_refused() -> None:
    row = Transaction(id=UUID(int=1), occurred_on=date(2026, 11, 1), amount=Decimal(1))
    cursor = cursor_after(TRANSACTIONS, BY_DATE, row)

    with pytest.raises(InvalidInput):
        place_of(TRANSACTIONS, with_key((Order("date", descending=True),)), cursor)


@given(st.text(max_size=60))
def test_a_cursor_that_we_did_not_give_is_refused(cursor: str) -> None:
    found: object = None
    with suppress(InvalidInput):  # anything else, such as a bare ValueError, would be a 500
        found = place_of(TRANSACTIONS, BY_DATE, cursor)

    assert found is None or isinstance(found, list)
