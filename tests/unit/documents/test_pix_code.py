"""Pix copia e cola: fields, checksum, and that one wrong character is refused."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.documents.check_digits import pix_checksum
from falachefe.documents.find import find_documents
from falachefe.documents.pix_code import read_pix
from falachefe.documents.types import PixCode, Unreadable
from tests.unit.documents import samples

TODAY = date(2026, 11, 29)
names = st.text("ABCDEFGHIJ KLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=25).filter(lambda name: name.strip())
codes = st.builds(
    samples.pix,
    name=names,
    city=names.map(lambda name: name[:15]).filter(lambda name: name.strip()),
    amount=st.one_of(st.none(), st.integers(1, 10**9).map(lambda cents: f"{cents / 100:.2f}")),
    key=st.sampled_from(["a@b.co", "+5511987654321", "52998224725", "7b1a4a9c-1111-4222-8333-444455556666"]),
    txid=st.sampled_from(["***", "PEDIDO123"]),
)


def test_the_checksum_is_ccitt_false() -> None:
    assert pix_checksum("123456789") == "29B1"


@given(codes, names)
def test_what_a_code_says_is_read(code: str, text: str) -> None:
    read, length = read_pix(code + " " + text)
    assert isinstance(read, PixCode)
    assert length == len(code)
    assert not read.dynamic
    assert (read.txid or "***") in code


def test_amount_name_and_city_are_read() -> None:
    read, _ = read_pix(samples.pix("PADARIA CENTRAL", "CAMPINAS", "49.90", txid="PEDIDO7"))
    assert isinstance(read, PixCode)
    assert (read.amount, read.name, read.city, read.txid, read.reference) == (
        Decimal("49.90"),
        "PADARIA CENTRAL",
        "CAMPINAS",
        "PEDIDO7",
        None,
    )


def test_a_code_made_for_one_payment_has_a_reference() -> None:
    read, _ = read_pix(samples.pix("LOJA", "SP", "10.00", key=None, url="pix.banco.com.br/qr/v2/0f8e"))
    assert isinstance(read, PixCode)
    assert read.dynamic
    assert read.reference == "pix:pix.banco.com.br/qr/v2/0f8e"


@given(codes, st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef. -*"))
def test_one_wrong_character_anywhere_is_refused(code: str, other: str) -> None:
    for at in range(len(code)):
        if code[at] != other:
            wrong = code[:at] + other + code[at + 1 :]
            found = find_documents(f"segue o pix: {wrong}", TODAY)
            assert all(isinstance(document, Unreadable) for document in found), (at, wrong)
            assert found, (at, wrong)


@pytest.mark.parametrize("cut", [60, 20, 5, 1])
def test_a_code_that_is_cut_is_refused(cut: int) -> None:
    found = find_documents(samples.pix("PADARIA CENTRAL", "CAMPINAS", "49.90")[:-cut], TODAY)
    assert [type(document) for document in found] == [Unreadable]


def test_a_code_broken_into_lines_is_read() -> None:
    code = samples.pix("PADARIA CENTRAL", "CAMPINAS", "49.90")
    (found,) = find_documents(f"olha o pix\n{code[:40]}\n{code[40:80]}\n{code[80:]}\nobrigado", TODAY)
    assert isinstance(found, PixCode)
    assert found.amount == Decimal("49.90")


def test_two_codes_in_a_message_are_both_read() -> None:
    first, second = samples.pix("A", "B", "1.00"), samples.pix("C", "D", "2.00")
    found = find_documents(f"{first}\n{second}", TODAY)
    assert [document.amount for document in found if isinstance(document, PixCode)] == [1, 2]
