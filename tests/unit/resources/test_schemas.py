"""What the types of schemas take, and what the OpenAPI document says of them."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from falachefe.resources.schemas import Input, Price, partial_of


class Priced(Input):
    price: Price = Field(examples=["14.90"])


@pytest.mark.parametrize(("sent", "kept"), [("14.9", "14.90"), (0, "0.00"), (0.1, "0.10"), ("999999999999.99",) * 2])
def test_a_price_is_kept_in_whole_cents(sent: Any, kept: str) -> None:
    assert str(Priced(price=sent).price) == kept


@pytest.mark.parametrize("sent", ["-0.01", "1.999", "1000000000000", "1e20", "NaN", "Infinity", True, None, "caro"])
@pytest.mark.parametrize("schema", [Priced, partial_of(Priced)])
def test_what_no_column_of_money_can_hold_is_no_price(schema: type[Input], sent: Any) -> None:
    with pytest.raises(ValidationError):
        schema.model_validate({"price": sent})


def test_a_price_is_described_by_its_bounds() -> None:
    number, text = TypeAdapter(Price).json_schema()["anyOf"]

    assert (number["minimum"], number["maximum"], text["type"]) == (0, 999999999999.99, "string")
    assert TypeAdapter(Price).validate_python(Decimal(1)) == 1
