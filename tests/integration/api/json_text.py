"""JSON texts that no `json.dumps` would write, for every body that a route takes."""

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Raw:
    """A piece of JSON as it stands in the text."""

    text: str


NASTY = (
    *(Raw(text) for text in ("9" * 5_000, "-" + "9" * 5_000, "9" * 100, "1e400", "-1e400", "1e308", "1e-400", "-0")),
    *(Raw(text) for text in ("0." + "3" * 5_000, "1E+9999999", "NaN", "-Infinity", "Infinity", "9223372036854775808")),
    *(Raw(text) for text in ('"\\ud800"', '"\\u0000"', '"a\\u0000b"', '"\\udc00\\ud800"', '"\\ufffe"')),
    *(Raw(text) for text in ("[" * 31 + "]" * 31, "[" * 100 + "]" * 100, '{"\\u0000": 1}')),
    *(Raw(text) for text in ('{"\\ud800": 1}', '{"": {"": {"": []}}}')),
    *(Raw(text) for text in ('{"' + "k" * 20_000 + '": 1}', '"' + "x" * 30_000 + '"', "[" + "1," * 5_000 + "1]")),
    *(Raw(json.dumps(text)) for text in ("1e400", "9" * 5_000, "NaN", "9999-12-31T23:59:59-14:00", "0001-01-01", "'")),
    *(Raw(text) for text in ("null", "true", "{}", "[]", '""', '" "', "1.5", "-1")),
)  # fmt: skip
KEYS = st.text(max_size=8) | st.sampled_from(["\ud800", "\0", "__proto__", "", "k" * 3_000])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(NASTY) | st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def written(value: Any) -> str:
    match value:
        case Raw():
            return value.text
        case dict():
            return "{" + ",".join(f"{json.dumps(name)}:{written(one)}" for name, one in value.items()) + "}"
        case list():
            return "[" + ",".join(map(written, value)) + "]"
    return json.dumps(value)


def places(value: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where something stands in a document, the document itself first."""
    inner: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [here, *(place for key, one in inner for place in places(one, (*here, key)))]


def put(value: Any, place: tuple[str | int, ...], new: Any) -> Any:
    if not place:
        return new
    key, *rest = place
    copied = list(value) if isinstance(value, list) else dict(value)
    copied[key] = put(value[key], tuple(rest), new)  # type: ignore[index]  # a key of what it is
    return copied


@st.composite
def bodies(draw: st.DrawFn, example: Any, fields: list[str]) -> str:
    """An example with something else in one or two of its places, a further member, or anything at all."""
    if draw(st.integers(0, 9)) == 0:
        return written(draw(VALUES))
    body = example
    for _ in range(draw(st.integers(1, 2))):
        body = put(body, draw(st.sampled_from(places(body))), draw(VALUES))
        if isinstance(body, dict) and draw(st.booleans()):
            body = body | {draw(st.sampled_from(fields) | KEYS if fields else KEYS): draw(VALUES)}
    return draw(st.sampled_from(["", "", "\ufeff"])) + written(body)
