"""Fields as they are asked for on the command line."""

import pytest

from infra.local.console import Refused
from infra.local.scaffold.fields import KINDS, read_fields


def test_fields_keep_their_order_and_their_kinds() -> None:
    fields = read_fields("name:text amount:money due:date? count:number paid:flag notes:prose?")

    assert [(one.name, one.of, one.optional) for one in fields] == [
        ("name", "text", False),
        ("amount", "money", False),
        ("due", "date", True),
        ("count", "number", False),
        ("paid", "flag", False),
        ("notes", "prose", True),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_an_optional_field_may_be_null_everywhere(kind: str) -> None:
    field = read_fields(f"first:text it:{kind}?")[1]

    assert " | None]" in field.in_model()
    assert "nullable=True" in field.in_revision()
    assert " | None = None" in field.in_input()
    assert field.in_output().endswith(" | None\n")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "is missing"),
        ("name", "no <name>:<kind>"),
        ("name:varchar", "the kinds are text"),
        ("Name:text", "no <name>:<kind>"),
        ("name:text name:prose", "twice"),
        ("notes:prose?", "at least one must be required"),
        ("id:text", "meaning of its own"),
        ("company_id:text", "meaning of its own"),
        ("version:number", "meaning of its own"),
        ("date:date", "meaning of its own"),
        ("sort:text", "meaning of its own"),
        ("class:text", "meaning of its own"),
    ],
)
def test_what_cannot_be_a_field_is_refused(given: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read_fields(given)
