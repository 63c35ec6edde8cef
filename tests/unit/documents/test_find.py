"""Where documents stand in a message, and what is none."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.documents.find import find_documents
from falachefe.documents.types import Boleto, Unreadable
from tests.unit.documents import samples

TODAY = date(2026, 11, 29)
BARCODE = samples.bank_barcode("341", 32000, date(2026, 12, 5), "1790010104351004791020150")
LINE = samples.bank_line(BARCODE)
COLLECTION = samples.collection_line(samples.collection_barcode("3", "6", 13312, "0138" + "1" * 25))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(LINE, id="digits"),
        pytest.param(samples.printed(LINE), id="printed"),
        pytest.param(samples.printed(LINE).replace(" ", "\n"), id="lines"),
        pytest.param(f"{LINE[:23]}\n{LINE[23:]}", id="broken-anywhere"),
        pytest.param(" ".join(LINE[at : at + 5] for at in range(0, 47, 5)), id="fives"),
        pytest.param(f"paga pra mim? {samples.printed(LINE)} vence 05/12, são 320,00", id="text-around"),
        pytest.param(f"pedido 4471 {LINE} 320,00", id="numbers-around"),
        pytest.param(samples.printed(LINE).replace(" ", "\u00a0"), id="no-break-spaces"),
        pytest.param(BARCODE, id="barcode"),
        pytest.param(f"Boleto:{LINE}.", id="punctuation"),
    ],
)
def test_a_boleto_is_found_as_people_paste_it(text: str) -> None:
    (found,) = find_documents(text, TODAY)
    assert isinstance(found, Boleto)
    assert (found.amount, found.due) == (Decimal(320), date(2026, 12, 5))
    assert "".join(c for c in text[found.start : found.end] if c.isdigit()) in (LINE, BARCODE)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(COLLECTION, id="digits"),
        pytest.param(" ".join(COLLECTION[at : at + 12] for at in range(0, 48, 12)), id="twelves"),
        pytest.param(
            " ".join(f"{COLLECTION[at : at + 11]}-{COLLECTION[at + 11]}" for at in range(0, 48, 12)), id="dash"
        ),
    ],
)
def test_a_collection_slip_is_found_as_people_paste_it(text: str) -> None:
    (found,) = find_documents(f"conta de luz\n{text}\n", TODAY)
    assert isinstance(found, Boleto)
    assert (found.kind, found.amount) == ("collection", Decimal("133.12"))


def test_two_boletos_are_both_found() -> None:
    found = find_documents(f"{samples.printed(LINE)}\n{COLLECTION}", TODAY)
    assert [document.kind for document in found if isinstance(document, Boleto)] == ["bank", "collection"]


def test_a_broken_one_beside_a_right_one_is_named() -> None:
    wrong = LINE[:5] + str((int(LINE[5]) + 1) % 10) + LINE[6:]
    found = find_documents(f"{wrong}\n{COLLECTION}", TODAY)
    assert [type(document) for document in found] == [Unreadable, Boleto]


@pytest.mark.parametrize("length", [46, 45, 49])
def test_a_code_with_a_lost_or_added_digit_is_refused_with_its_length(length: int) -> None:
    (found,) = find_documents(f"{LINE}12"[:length], TODAY)
    assert isinstance(found, Unreadable)
    assert f"{length} dígitos" in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "11987654321\n11987654322\n11987654323\n11987654324",
        "gastei 50\n30\n20\n10\n25\n35\n80\n90\n100\n120\n150\n180\n200\n220\n250\n300",
        "vendas da semana: 1200 1350 990 1410 1800 2100 950 e na outra 1190 1205 1010 1400 1820 2010 980",
        "meu cnpj é 11.222.333/0001-81 e o da outra é 11.444.777/0001-61, cep 13010-000, fone 19 3232-1010",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL1234567890123456789012345678901234567890",
        "recebi um pix de 50 da Maria e outro de 80 do João, anota os dois por favor",
        "manda o comprovante de 50 reais que eu paguei pra Maria ontem de manhã",
    ],
    ids=["phones", "list", "sales", "companies", "link", "pix-told", "receipt-wanted"],
)
def test_what_is_no_document_is_left_alone(text: str) -> None:
    assert find_documents(text, TODAY) == []


@given(st.text(max_size=2000))
def test_any_text_is_searched_without_an_error(text: str) -> None:
    for document in find_documents(text, TODAY):
        assert 0 <= document.start < document.end <= len(text)


@given(st.text(st.sampled_from("0123456789 .-\n|"), min_size=40, max_size=600))
def test_any_row_of_digits_is_searched_without_an_error(text: str) -> None:
    find_documents(text, TODAY)
