"""Sign-in codes: generation, verification and recognition of typed ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.ids import new_id
from falachefe.phone_sign_in.codes import Codes, asks_for_new_code, typed_code

COMPANY, PHONE = new_id(), "+5511987654321"


@given(st.integers(0, 2**40))
def test_code_is_six_digits_and_matches_only_its_phone_company_and_nonce(now: int) -> None:
    codes = Codes("pepper")
    made = codes.fresh(COMPANY, PHONE, now)
    shown = codes.shown(COMPANY, PHONE, made.nonce)
    assert len(shown) == 6
    assert shown.isdigit()
    assert codes.matches(made, COMPANY, PHONE, shown)
    assert not codes.matches(made, COMPANY, "+5511912345678", shown)
    assert not codes.matches(made, new_id(), PHONE, shown)
    assert not codes.matches(made, COMPANY, PHONE, f"{(int(shown) + 1) % 10**6:06d}")
    assert not Codes("another pepper").matches(made, COMPANY, PHONE, shown)
    assert not codes.matches(None, COMPANY, PHONE, shown)


def test_stored_code_does_not_contain_the_digits() -> None:
    codes = Codes("pepper")
    made = codes.fresh(COMPANY, PHONE, 0)
    assert codes.shown(COMPANY, PHONE, made.nonce) not in made.digest


@given(st.text(max_size=80))
def test_any_text_is_parsed_without_an_error(text: str) -> None:
    found = typed_code(text)
    assert found is None or (len(found) == 6 and found.isascii() and found.isdigit())
    assert asks_for_new_code(text) in (True, False)


@pytest.mark.parametrize(
    "text",
    ["123456", " 123 456 ", "123-456", "código 123456", "Código: 123 456", "o código é 123456", "codigo 123456!"],
)
def test_message_with_only_a_code_is_recognised(text: str) -> None:
    assert typed_code(text) == "123456"


@pytest.mark.parametrize(
    "text", ["12345", "1234567", "gastei 123456", "123456 reais", "", "código", "12 34 56", "٤٥٦١٢٣٧"]
)
def test_other_messages_are_not_codes(text: str) -> None:
    assert typed_code(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "reenviar",
        "Reenvia o código por favor",
        "não recebi o código",
        "manda outro código",
        "novo código",
        "o código expirou",
    ],
)
def test_request_for_a_new_code_is_recognised(text: str) -> None:
    assert asks_for_new_code(text)


@pytest.mark.parametrize(
    "text", ["oi", "gastei 150", "não recebi o pagamento", "novo funcionário", "reenviar a campanha de ontem"]
)
def test_other_requests_are_not_for_a_code(text: str) -> None:
    assert not asks_for_new_code(text)
