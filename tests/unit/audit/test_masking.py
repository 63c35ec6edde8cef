"""E-mails, phones, CPFs, CNPJs and tokens are masked in every value; other text is not."""

import json
import re
import string
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.audit.masking import MASK, masked_text
from falachefe.audit.rules import changed_fields
from falachefe.kernel.ids import new_id

BASE62 = string.ascii_letters + string.digits


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


def mail() -> st.SearchStrategy[str]:
    part = st.text(string.ascii_letters + string.digits + "._+-", min_size=1, max_size=12)
    return st.tuples(part, st.sampled_from(["example.com", "loja.com.br", "x.io"])).map("@".join)


def shaped(count: int, *shapes: str) -> st.SearchStrategy[str]:
    """`count` digits, punctuated as the shapes say."""

    def fill(given: tuple[str, str]) -> str:
        number, shape = given
        places = iter(number)
        return "".join(next(places) if mark == "#" else mark for mark in shape)

    return st.tuples(digits(count), st.sampled_from(shapes)).map(fill)


def mobile() -> st.SearchStrategy[str]:
    return shaped(10, "+55 ## 9####-####", "(##) 9####-####", "##9########", "55##9########", "## 9 #### ####")


def landline() -> st.SearchStrategy[str]:
    return shaped(10, "(##) ####-####", "##########", "+55 (##) ####.####")


def token() -> st.SearchStrategy[str]:
    def opaque(alphabet: str, least: int) -> st.SearchStrategy[str]:
        # Drawn evenly, as real ones are: hypothesis would try forty times the same letter, which is no token.
        return st.integers(0, 10**6).map(lambda seed: "".join(Random(seed).choices(alphabet, k=least)))

    return st.one_of(
        opaque(BASE62, 38).map(lambda text: f"fck_dev_{text}"),
        opaque(BASE62, 43),
        opaque("0123456789abcdef", 64),
        opaque(BASE62 + "-_", 86).map(lambda text: f"fcr_{text}"),
        opaque(BASE62 + "-_", 60).map(lambda text: f"eyJ{text}.{text}.{text}"),
        opaque(BASE62 + "!#$%", 12).map(lambda text: f"Bearer {text}"),
    )


PRIVATE = st.one_of(
    mail(),
    mobile(),
    landline(),
    shaped(11, "###.###.###-##", "###########", "### ### ### ##"),
    shaped(14, "##.###.###/####-##", "##############"),
    st.sampled_from(["12.ABC.345/01DE-35", "12ABC34501DE35", "12abc34501de35"]),
    token(),
)
PROSE = st.text(string.ascii_letters + " ,;:!?çãéí\n", max_size=30)
PLACES: tuple[Callable[[Any], Any], ...] = (
    lambda value: value,
    lambda value: [value, [value]],
    lambda value: {"note": value, "deep": {"deeper": [value]}},
    lambda value: {value: "as a key"},
    lambda value: {"tags": {value}},
    lambda value: value.encode(),
)


@given(PRIVATE, PROSE, PROSE, st.sampled_from(PLACES))
def test_personal_data_and_secrets_are_masked_everywhere(
    private: str, before: str, after: str, place: Callable[[Any], Any]
) -> None:
    changes = changed_fields({"note": place(f"{before} {private} {after}")}, {"note": place(private)})

    written = json.dumps(changes, ensure_ascii=False)
    assert private not in written
    assert bare(private) not in bare(written)


def bare(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", text).removeprefix("Bearer")


LOOKS = re.compile(
    r"[\w.+-]+@[\w-]+\.\w+|\d{3}\.\d{3}\.\d{3}-\d{2}|(?<!\d)\d{10,14}(?!\d)|\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}"
    r"|\(?\d{2}\)? ?9\d{4}-?\d{4}|fck_\w+|eyJ[\w-]+\."
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.text("0123456789 .-/()+@ab", max_size=40)
    | st.decimals(allow_nan=False)
    | st.binary(max_size=20)
    | PRIVATE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20) | PRIVATE, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_no_private_value_is_left_in_any_structure(old: Any, new: Any) -> None:
    changes = changed_fields({"field": old}, {"field": new})

    written = json.dumps(changes, ensure_ascii=False, allow_nan=False)
    written.encode()
    assert LOOKS.search(written) is None
    assert "\\u0000" not in written


@pytest.mark.parametrize(
    "text",
    [
        "Compra de 3 sacos de farinha, R$ 1.234,50, em 2026-11-20",
        "2026-11-20T15:00:00+00:00",
        "0190a1b2-c3d4-7e5f-8a9b-112233445566",
        "promocao-de-natal-2026-da-padaria",
        "Relatorio-Novembro-2026-Final.pdf",
        "Rua São Bento, 1450, sala 302",
        "contabilidade-e-recursos-humanos",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ],
)
def test_ordinary_business_text_is_not_masked(text: str) -> None:
    assert masked_text(text) == text


def test_typed_values_are_not_masked() -> None:
    made = {"day": date(2026, 11, 20), "at": datetime(2026, 11, 20, 15), "id": new_id(), "price": Decimal("99999.90")}

    changes = changed_fields({}, made)

    assert {name: change["new"] for name, change in changes.items()} == {
        "day": "2026-11-20",
        "at": "2026-11-20T15:00:00",
        "id": str(made["id"]),
        "price": "99999.90",
    }
    assert isinstance(made["id"], UUID)


@pytest.mark.parametrize("value", [11987654321, 987654321.0, Decimal(52998224725), float("nan"), Decimal("sNaN")])
def test_a_number_that_may_be_a_document_is_masked(value: Any) -> None:
    assert changed_fields({}, {"amount": value})["amount"]["new"] == MASK


def test_a_long_text_is_not_cut_within_a_phone() -> None:
    assert "1198765" not in masked_text(("x" * 9 + " ") * 199 + "11987654321")
