"""Boletos: what they say, and that a wrong digit is refused with its block."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.documents.boleto import due_date, read_boleto
from falachefe.documents.check_digits import remainder11
from falachefe.documents.types import Boleto, Unreadable
from tests.unit.documents import samples

TODAY = date(2026, 11, 29)
DIGITS = "0123456789"
free_field = st.text(DIGITS, min_size=25, max_size=25)
bank_barcodes = st.builds(
    samples.bank_barcode,
    bank=st.sampled_from(["001", "237", "341", "104", "260", "077"]),
    cents=st.integers(0, 10**10 - 1),
    due=st.one_of(st.none(), st.dates(date(2025, 2, 22), date(2036, 1, 1))),
    free=free_field,
)
collection_barcodes = st.builds(
    samples.collection_barcode,
    segment=st.sampled_from("12345679"),
    value_kind=st.sampled_from("6789"),
    cents=st.integers(0, 10**9),
    rest=st.text(DIGITS, min_size=29, max_size=29),
)


def test_a_known_slip_is_read() -> None:
    # The example of the banks' manual for the typed line, with a factor of the first cycle.
    read = read_boleto("00190500954014481606906809350314337370000000100", date(2007, 12, 20))
    assert isinstance(read, Boleto)
    assert (read.kind, read.issuer, read.amount, read.due) == (
        "bank",
        "Banco do Brasil",
        Decimal("1.00"),
        date(2007, 12, 31),
    )
    assert read.barcode == "00193373700000001000500940144816060680935031"


def test_a_known_collection_slip_is_read() -> None:
    read = read_boleto("836400000011331201380002812884627116080136181551", TODAY)
    assert isinstance(read, Boleto)
    assert (read.kind, read.issuer, read.amount) == ("collection", "energia ou gás", Decimal("133.12"))


@given(bank_barcodes)
def test_line_and_barcode_of_a_bank_say_the_same(barcode: str) -> None:
    from_line, from_code = read_boleto(samples.bank_line(barcode), TODAY), read_boleto(barcode, TODAY)
    assert isinstance(from_line, Boleto)
    assert from_line == from_code
    assert from_line.barcode == barcode
    assert (from_line.amount or 0) * 100 == int(barcode[9:19])


@given(collection_barcodes)
def test_line_and_barcode_of_a_collector_say_the_same(barcode: str) -> None:
    from_line, from_code = read_boleto(samples.collection_line(barcode), TODAY), read_boleto(barcode, TODAY)
    assert isinstance(from_line, Boleto)
    assert from_line == from_code
    assert (from_line.amount or 0) * 100 == (int(barcode[4:15]) if barcode[2] in "68" else 0)


def _changed(code: str) -> list[tuple[int, str]]:
    return [(at, code[:at] + d + code[at + 1 :]) for at in range(len(code)) for d in DIGITS if d != code[at]]


@given(bank_barcodes)
def test_every_wrong_digit_of_a_banks_line_is_refused(barcode: str) -> None:
    line = samples.bank_line(barcode)
    for at, wrong in _changed(line):
        read = read_boleto(wrong, TODAY)
        if at < 32:
            block = 1 if at < 10 else 2 if at < 21 else 3
            assert isinstance(read, Unreadable)
            assert f"bloco {block}:" in read.reason.replace(".", ":")
        elif barcode[4] != "1" or at == 32:
            assert isinstance(read, Unreadable)
            assert "4 e 5" in read.reason
        else:  # 1 stands for three remainders: only these may pass
            number = wrong[:4] + wrong[33:] + barcode[19:]
            assert isinstance(read, Unreadable) == (remainder11(number) not in (0, 1, 10))


@given(collection_barcodes.filter(lambda code: code[2] in "67"))
def test_every_wrong_digit_of_a_collectors_line_is_refused(barcode: str) -> None:
    line = samples.collection_line(barcode)
    for at, wrong in _changed(line):
        read = read_boleto(wrong, TODAY)
        if at == 2 and wrong[2] in "89":  # the other way of checking: five digits would have to fit by chance
            continue
        assert isinstance(read, Unreadable)
        if at not in (0, 2):
            assert f"bloco {at // 12 + 1}" in read.reason


@given(collection_barcodes.filter(lambda code: code[2] in "89"))
def test_a_wrong_digit_of_a_collector_by_modulo_11_passes_only_where_both_check_digits_are_0(barcode: str) -> None:
    line = samples.collection_line(barcode)
    for at, wrong in _changed(line):
        read = read_boleto(wrong, TODAY)
        block = at // 12
        both_zero = (barcode[3] == "0" and line[block * 12 + 11] == "0") or (at == 2 and wrong[2] in "67")
        assert isinstance(read, Unreadable) or both_zero


@pytest.mark.parametrize(
    ("factor", "today", "due"),
    [
        pytest.param(0, TODAY, None, id="none"),
        pytest.param(1000, date(2000, 7, 1), date(2000, 7, 3), id="first-cycle"),
        pytest.param(1000, date(2025, 2, 20), date(2025, 2, 22), id="restart"),
        pytest.param(9999, date(2025, 2, 20), date(2025, 2, 21), id="last-of-first-cycle"),
        pytest.param(9999, date(2049, 10, 1), date(2049, 10, 13), id="last-of-second-cycle"),
    ],
)
def test_a_factor_is_read_as_the_day_nearest_to_today(factor: int, today: date, due: date | None) -> None:
    assert due_date(factor, today) == due


@given(st.dates(date(2000, 7, 3), date(2060, 1, 1)), st.integers(-4400, 4400))
def test_a_due_date_within_twelve_years_is_read_back(due: date, days: int) -> None:
    assert due_date(samples.factor_of(due), due + timedelta(days=days)) == due


def test_a_collectors_due_date_is_read_where_it_is_written() -> None:
    code = samples.collection_barcode("2", "6", 8990, "0097" + "20261215" + "0" * 17)
    read = read_boleto(samples.collection_line(code), TODAY)
    assert isinstance(read, Boleto)
    assert read.due == date(2026, 12, 15)


def test_an_index_instead_of_reais_is_no_amount() -> None:
    read = read_boleto(samples.collection_barcode("1", "7", 8990, "0" * 29), TODAY)
    assert isinstance(read, Boleto)
    assert read.amount is None
