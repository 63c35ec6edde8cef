"""Names and fields that a scaffold takes, and those that it refuses before anything is written."""

import pytest

from infra.local.console import Refused
from infra.local.scaffold.names import Name, singular_of, text_given


def test_a_name_has_the_forms_that_code_needs() -> None:
    name = Name.read("time-off")

    assert name == Name.read("time_off")
    assert (name.kebab, name.snake, name.constant, name.camel) == ("time-off", "time_off", "TIME_OFF", "TimeOff")


@pytest.mark.parametrize(
    "given",
    ["", "Invoices", "2nd", "faturas-é", "a--b", "-a", "a b", "x" * 41, "../x", "class", "match", "schemas", "id"],
)
def test_what_means_something_already_is_refused(given: str) -> None:
    with pytest.raises(Refused):
        Name.read(given)


@pytest.mark.parametrize(
    ("many", "one"), [("invoices", "invoice"), ("entries", "entry"), ("price-lists", "price-list"), ("cats", "cat")]
)
def test_one_of_many_follows_from_plain_english(many: str, one: str) -> None:
    assert singular_of(Name.read(many), None).kebab == one


@pytest.mark.parametrize("many", ["boxes", "classes", "branches", "status", "staff", "analysis", "people"])
def test_where_english_is_not_plain_it_must_be_given(many: str) -> None:
    with pytest.raises(Refused, match="singular="):
        singular_of(Name.read(many), None)
    assert singular_of(Name.read(many), "one-of-them").kebab == "one-of-them"


def test_one_and_many_are_two_names() -> None:
    with pytest.raises(Refused, match="two names"):
        singular_of(Name.read("staff"), "staff")


@pytest.mark.parametrize("given", [None, " ", 'a "b"', "a\nb", "a\\b", "{a}", "x" * 71])
def test_text_for_the_code_has_nothing_that_ends_a_string(given: str | None) -> None:
    with pytest.raises(Refused, match="label"):
        text_given(given, "label", "faturas")
