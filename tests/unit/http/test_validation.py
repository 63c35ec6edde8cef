"""Validation messages: every error of pydantic in pt-BR, with its figures."""

import re
from typing import Annotated, Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, ValidationError
from pydantic_core import PydanticKnownError, core_schema

from falachefe.http.validation import INVALID, MAX_ERRORS, MAX_FIELD_LENGTH, MESSAGES, field_errors, message
from falachefe.kernel.errors import InvalidValue

FIGURES: dict[str, Any] = {
    **dict.fromkeys(("attribute", "class", "class_name", "discriminator", "encoding", "encoding_error", "error"), "a"),
    **dict.fromkeys(("function_name", "mapping_error", "method_name", "name", "object", "pattern", "tag", "type"), "a"),
    **dict.fromkeys(("actual_length", "decimal_places", "expected_version", "ge", "gt", "le", "lt", "max_digits"), 3),
    **dict.fromkeys(("max_length", "min_length", "multiple_of", "tz_actual", "tz_expected", "whole_digits"), 3),
    "expected": "'a', 'b' or 'c'",
    "expected_schemes": "'https'",
    "expected_tags": "'a'",
    "field_type": "List",
}
TYPES = sorted(set(get_args(core_schema.ErrorType)))


def known(kind: str) -> PydanticKnownError:
    try:
        return PydanticKnownError(kind)  # type: ignore[arg-type]  # one of those that take no figures
    except TypeError:
        return PydanticKnownError(kind, FIGURES)  # type: ignore[arg-type]


def test_every_error_type_has_a_message() -> None:
    assert set(TYPES) == set(MESSAGES)


@pytest.mark.parametrize("kind", TYPES)
def test_messages_use_only_figures_of_their_error(kind: str) -> None:
    error = known(kind)
    wanted = set(re.findall(r"{(\w+)}", MESSAGES[kind]))
    assert wanted <= set(error.context or {})

    said = message({"type": kind, "ctx": error.context})
    assert said[0].isupper()
    assert said.endswith(".")
    assert "{" not in said
    assert said == INVALID or INVALID not in said
    assert said.lower() not in error.message().lower()


def test_what_is_expected_is_listed_without_pydantic_s_words() -> None:
    said = message({"type": "literal_error", "ctx": {"expected": "'a', 'b' or 'c'"}})

    assert said == "Use um destes valores: a, b, c."


def of(*said: ValueError) -> Any:
    def refuse(_: str) -> str:
        raise said[0]

    class Body(BaseModel):
        field: Annotated[str, AfterValidator(refuse)]

    with pytest.raises(ValidationError) as refused:
        Body(field="x")
    return refused.value.errors()


def test_only_the_text_of_an_invalid_value_is_shown() -> None:
    ours = field_errors(of(InvalidValue("Use um CNPJ.")))
    strange = field_errors(of(ValueError("a phone number has 8 to 15 digits")))

    assert [(one.field, one.message) for one in (*ours, *strange)] == [("field", "Use um CNPJ."), ("field", INVALID)]


def test_unknown_error_type_gets_a_general_message() -> None:
    assert message({"type": "not_invented_yet", "msg": "Input should be new"}) == INVALID
    assert message({"type": "greater_than", "ctx": {}}) == INVALID


@given(st.lists(st.lists(st.text() | st.integers()), max_size=80))
def test_fields_are_few_short_and_can_be_written(places: list[list[str | int]]) -> None:
    found = field_errors({"type": "missing", "loc": tuple(place)} for place in places)

    assert len(found) == min(len(places), MAX_ERRORS)
    for one in found:
        assert 0 < len(one.field.encode()) <= 4 * MAX_FIELD_LENGTH
