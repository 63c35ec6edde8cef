"""PATCH of fields that hold an object merges it (RFC 7396), in every resource that has such a field."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON

from falachefe.kernel.clock import FixedClock
from falachefe.resources.http import ResourceApi
from falachefe.resources.merge_patch import merge
from falachefe.resources.merge_patch_fields import MergePatch, holds_an_object
from falachefe.resources.schemas import annotation_of
from functions.admin import users
from functions.crews import crews
from tests.integration.api.gateway import routes
from tests.integration.callers import Caller

ANY = {"If-Match": "*"}
RESOURCES = {route.api.resource.name: route.api.resource for route in routes() if isinstance(route.api, ResourceApi)}
often = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_every_object_in_a_json_column_is_merged() -> None:
    merged, whole = set(), set()
    for name, resource in RESOURCES.items():
        for field, info in resource.update.model_fields.items():
            column = getattr(resource.model, resource.column_of(field), None)
            if column is None or not isinstance(column.type, JSON):
                continue
            if any(isinstance(one, MergePatch) for one in info.metadata):
                merged.add(f"{name}.{field}")
            else:
                assert not holds_an_object(annotation_of(info)), f"{name}.{field}"
                whole.add(f"{name}.{field}")

    assert {"crews.llm_config", "users.metadata"} <= merged


@pytest.fixture
def root(as_role: Callable[[Any, str], Caller]) -> Caller:
    return as_role(crews.handler, "superadmin")


@pytest.fixture
def crew(root: Caller) -> str:
    config = {"provider": "openai", "model": "m-1", "price": {"input": "1.00", "output": "2.00"}, "max_tokens": 100}
    made = root("POST", "/crews", {"name": "Equipe da loja", "llm_config": config})
    assert made.status == 201, made.body
    return f"/crews/{made.json['id']}"


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"temperature": 1}, {"temperature": 1.0, "max_tokens": 100, "price": {"input": "1.00", "output": "2.00"}}),
        ({"price": {"input": "3"}}, {"max_tokens": 100, "price": {"input": "3", "output": "2.00"}}),
        ({"max_tokens": None}, {"price": {"input": "1.00", "output": "2.00"}}),
        ({"nada": None, "max_tokens": 200}, {"max_tokens": 200, "price": {"input": "1.00", "output": "2.00"}}),
        ({}, {"max_tokens": 100, "price": {"input": "1.00", "output": "2.00"}}),
    ],
)
def test_a_crew_s_configuration_is_merged(
    root: Caller, crew: str, patch: dict[str, Any], expected: dict[str, Any]
) -> None:
    answer = root("PATCH", crew, {"llm_config": patch}, ANY)

    assert answer.status == 200, answer.body
    assert answer.json["llm_config"] == {"provider": "openai", "model": "m-1"} | expected
    assert root("GET", crew).json["llm_config"] == answer.json["llm_config"]


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"price": {"input": None}}, "llm_config.price.input"),
        ({"price": None}, "llm_config"),  # the price of m-1 is unknown
        ({"max_tokens": 1}, "llm_config.max_tokens"),
        ({"nada": 1}, "llm_config.nada"),
        ([], "llm_config"),
        (None, "llm_config"),
    ],
)
def test_what_the_patch_makes_is_held_to_the_whole_schema(root: Caller, crew: str, patch: Any, field: str) -> None:
    before = root("GET", crew).json
    answer = root("PATCH", crew, {"llm_config": patch}, ANY)

    assert (answer.status, [one["field"] for one in answer.json["errors"]]) == (422, [field])
    assert root("GET", crew).json == before


def test_a_batch_merges_too(root: Caller, crew: str) -> None:
    key = crew.rpartition("/")[2]
    change = {"op": "update", "id": key, "version": 1, "data": {"llm_config": {"max_tokens": None}}}
    (result,) = root("POST", "/crews/batch", {"operations": [change]}).json["results"]

    assert result["status"] == 200
    assert result["data"]["llm_config"]["price"] == {"input": "1.00", "output": "2.00"}
    assert "max_tokens" not in result["data"]["llm_config"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["x", "ção"]),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=4,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@often
@given(patches=st.lists(OBJECTS, min_size=1, max_size=3))
def test_any_patches_of_a_person_s_note_add_up(
    root: Caller, person: str, clock: FixedClock, patches: list[dict[str, Any]]
) -> None:
    call = root.of(users.handler)
    clock.at += timedelta(seconds=10)  # or it is too often
    expected = call("GET", person).json["metadata"]
    for patch in patches:
        clock.at += timedelta(seconds=10)
        answer = call("PATCH", person, {"metadata": patch}, ANY)
        expected = merge(expected, patch)
        assert (answer.status, answer.json.get("metadata")) == (200, expected), answer.body


@pytest.fixture
def person(root: Caller) -> str:
    body = {"first_name": "Ana", "phone": "+5511987650001", "metadata": {"a": {"b": 1}, "c": [1]}}
    made = root.of(users.handler)("POST", "/users", body)
    assert made.status == 201, made.body
    return f"/users/{made.json['id']}"
