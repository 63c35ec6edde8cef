"""Valid trace ids, and where they are passed on."""

import re

from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.observability.tracing import (
    new_trace_id,
    root_of,
    trace_id,
    trace_of_headers,
    traced,
    with_trace,
)

FORM = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
ids = st.from_regex(FORM, fullmatch=True)


@given(known=ids)
def test_the_root_is_found_anywhere_in_the_header(known: str) -> None:
    for header in (f"Root={known}", f"Self=1-a-b;Root={known};Sampled=1", f"Parent=53995c3f42cd8ad8; Root={known}"):
        assert root_of(header) == known
        assert trace_of_headers({"Accept": "*/*", "x-AMZN-trace-id": header}) == known


@given(header=st.one_of(st.none(), st.integers(), st.text(), st.text().map("Root={}".format)))
def test_an_invalid_id_starts_a_new_trace(header: object) -> None:
    found = root_of(header)
    assert found is None or FORM.fullmatch(found)
    with traced(header) as given_id:
        assert FORM.fullmatch(given_id)


def test_a_payload_keeps_its_own_trace_id() -> None:
    assert with_trace({"a": 1}) == {"a": 1}
    with traced(new_trace_id()) as outer:
        assert with_trace({"a": 1}) == {"a": 1, "trace_id": outer}
        assert with_trace({"trace_id": "older"}) == {"trace_id": "older"}
        with traced() as inner:
            assert trace_id() == inner != outer
        assert trace_id() == outer
    assert trace_id() is None
