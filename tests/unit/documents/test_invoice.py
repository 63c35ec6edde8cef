"""Keys of electronic invoices and the QR codes around them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.documents.check_digits import remainder11
from falachefe.documents.find import find_documents
from falachefe.documents.invoice import read_key
from falachefe.documents.types import Invoice, Unreadable
from tests.unit.documents import samples

TODAY = date(2026, 11, 29)
ISSUER = samples.cnpj("112223330001")
KEY = samples.invoice_key("35", "2611", ISSUER, "65", 1, 4321, "112345678")
keys = st.builds(
    samples.invoice_key,
    state=st.sampled_from(["35", "33", "31", "41", "43", "29"]),
    month=st.sampled_from(["2611", "2601", "2512"]),
    issuer=st.one_of(
        st.text("0123456789", min_size=12, max_size=12).filter(lambda base: len(set(base)) > 1).map(samples.cnpj),
        st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=12, max_size=12).map(samples.cnpj),
    ),
    model=st.sampled_from(["55", "65"]),
    series=st.integers(0, 899),
    number=st.integers(1, 999_999_999),
    tail=st.text("0123456789", min_size=9, max_size=9),
)


def test_what_a_key_says_is_read() -> None:
    read = read_key(KEY, TODAY)
    assert isinstance(read, Invoice)
    assert (read.model, read.state, read.month, read.issuer, read.number, read.total) == (
        "NFC-e",
        "SP",
        date(2026, 11, 1),
        ISSUER,
        4321,
        None,
    )


@given(keys)
def test_one_wrong_digit_anywhere_is_refused(key: str) -> None:
    for at in range(44):
        for digit in "0123456789":
            if digit == key[at] or key[at].isalpha():  # a letter and a digit can be worth the same modulo 11
                continue
            wrong = key[:at] + digit + key[at + 1 :]
            found = find_documents(f"chave {wrong}", TODAY)
            # A check digit of 0 stands for two remainders: a wrong series or number can pass then, by the standard.
            if key[-1] != "0" or remainder11(wrong[:-1]) not in (0, 1) or at == 43:
                assert [type(document) for document in found] == [Unreadable], (at, wrong)


def test_a_key_in_groups_of_four_is_read() -> None:
    grouped = " ".join(KEY[at : at + 4] for at in range(0, 44, 4))
    (found,) = find_documents(f"Chave de acesso\n{grouped}\nConsulte pela chave", TODAY)
    assert isinstance(found, Invoice)
    assert found.key == KEY


def test_a_month_that_has_not_come_is_refused() -> None:
    key = samples.invoice_key("35", "2705", ISSUER, "65", 1, 4321, "112345678")
    assert isinstance(read_key(key, TODAY), Unreadable)


@pytest.mark.parametrize(
    ("url", "total", "day"),
    [
        pytest.param(f"https://www.nfce.fazenda.sp.gov.br/qrcode?p={KEY}|2|1|1|A1B2", None, None, id="online"),
        pytest.param(f"https://www.nfce.fazenda.sp.gov.br/qrcode?p={KEY}%7C3%7C1", None, None, id="online-3"),
        pytest.param(
            f"https://www.nfce.fazenda.sp.gov.br/qrcode?p={KEY}|2|1|17|87.90|6b6c|1|FF00",
            Decimal("87.90"),
            date(2026, 11, 17),
            id="offline",
        ),
        pytest.param(
            f"http://nfce.sefaz.pe.gov.br/nfce?chNFe={KEY}&nVersao=100&tpAmb=1"
            f"&dhEmi={b'2026-11-17T10:00:00-03:00'.hex()}&vNF=87.90&vICMS=0.00&digVal=00&cIdToken=1&cHashQRCode=00",
            Decimal("87.90"),
            date(2026, 11, 17),
            id="version-1",
        ),
    ],
)
def test_the_total_is_read_where_the_qr_code_carries_it(url: str, total: Decimal | None, day: date | None) -> None:
    (found,) = find_documents(f"gastei isso aqui {url}", TODAY)
    assert isinstance(found, Invoice)
    assert (found.key, found.total, found.day) == (KEY, total, day)


def test_a_cf_e_is_read_with_its_total() -> None:
    key = samples.invoice_key("35", "2510", ISSUER, "59", 1, 4321, "112345678")
    (found,) = find_documents(f"{key}|20251017103000|45.00||c2lnbmF0dXJl", TODAY)
    assert isinstance(found, Invoice)
    assert (found.model, found.total, found.day) == ("CF-e", Decimal("45.00"), date(2025, 10, 17))
