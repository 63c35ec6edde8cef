import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.brazil import canonical_phone, is_cnpj, is_cpf, mask_phone, parse_phone, phone_variants

AREAS = st.sampled_from(["11", "21", "31", "41", "51", "61", "71", "81", "85", "92", "99"])
MOBILES = st.builds(lambda area, rest: f"+55{area}9{rest}", AREAS, st.from_regex(r"[6-9][0-9]{7}", fullmatch=True))
CPF_BASES = st.from_regex(r"[0-9]{9}", fullmatch=True).filter(lambda base: len(set(base)) > 1)
CNPJ_BASES = st.from_regex(r"[0-9A-Z]{12}", fullmatch=True).filter(lambda base: len(set(base)) > 1)


@given(MOBILES)
def test_a_mobile_with_and_without_ninth_digit_is_one_number(phone: str) -> None:
    area, rest = phone[3:5], phone[6:]

    for form in (phone, phone[1:], f"55{area}{rest}", f"+55 ({area}) 9{rest[:4]}-{rest[4:]}", f"55{area}{rest}@c.us"):
        assert canonical_phone(form) == phone


@given(MOBILES)
def test_the_variants_of_a_mobile_are_the_same_number(phone: str) -> None:
    variants = phone_variants(phone)

    assert len(set(variants)) == 2
    assert {canonical_phone(variant) for variant in variants} == {phone}


@given(st.from_regex(r"\+?[0-9 ()\-]{8,20}", fullmatch=True))
def test_a_canonical_phone_is_unchanged(raw: str) -> None:
    try:
        phone = canonical_phone(raw)
    except ValueError:
        assert not 8 <= sum(c.isdigit() for c in raw) <= 15
    else:
        assert canonical_phone(phone) == phone


@pytest.mark.parametrize("raw", ["", "abc", "1234567", "1" * 16, "+"])
def test_too_few_or_too_many_digits_are_not_a_phone(raw: str) -> None:
    with pytest.raises(ValueError, match="8 to 15 digits"):
        canonical_phone(raw)


@pytest.mark.parametrize("landline", ["+551133334444", "+552125556666"])
def test_a_landline_gets_no_ninth_digit(landline: str) -> None:
    assert canonical_phone(landline) == landline
    assert phone_variants(landline) == (landline,)


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("(11) 98765-4321", "+5511987654321"),
        ("11 98765 4321", "+5511987654321"),
        ("+55 11 8765-4321", "+5511987654321"),
        ("021 2555-6666", "+552125556666"),
        ("+1 650 253 0000", "+16502530000"),
    ],
)
def test_phones_typed_in_common_forms_are_parsed(typed: str, phone: str) -> None:
    assert parse_phone(typed) == phone


@pytest.mark.parametrize("typed", ["", "abc", "123", "(00) 98765-4321", "11 00000-0000", "+999 12345678"])
def test_a_phone_outside_the_numbering_plan_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="phone number"):
        parse_phone(typed)


@given(MOBILES)
def test_a_masked_phone_shows_the_country_and_the_last_two_digits(phone: str) -> None:
    assert mask_phone(phone) == f"+55******{phone[-2:]}"


def test_text_too_short_for_a_phone_is_masked_completely() -> None:
    assert mask_phone("1234567") == "******"


def check_digits(values: list[int], weights: list[int]) -> str:
    """The modulo 11 of the Receita Federal: below 2 the digit is 0, else what is missing to 11."""
    for _ in range(2):
        rest = sum(v * w for v, w in zip(reversed(values), weights, strict=False)) % 11
        values = [*values, 0 if rest < 2 else 11 - rest]
    return f"{values[-2]}{values[-1]}"


@given(CPF_BASES)
def test_exactly_one_pair_of_check_digits_makes_a_cpf(base: str) -> None:
    right = check_digits([int(d) for d in base], list(range(2, 12)))

    assert [f"{n:02d}" for n in range(100) if is_cpf(f"{base}{n:02d}")] == [right]


@given(CNPJ_BASES)
def test_exactly_one_pair_of_check_digits_makes_a_cnpj(base: str) -> None:
    right = check_digits([ord(c) - 48 for c in base], [2, 3, 4, 5, 6, 7, 8, 9] * 2)

    assert [f"{n:02d}" for n in range(100) if is_cnpj(f"{base}{n:02d}")] == [right]


@pytest.mark.parametrize("cpf", ["529.982.247-25", "52998224725", "111.444.777-35"])
def test_known_cpfs_are_valid_with_and_without_punctuation(cpf: str) -> None:
    assert is_cpf(cpf)


@pytest.mark.parametrize("cpf", ["111.111.111-11", "00000000000", "529.982.247-26", "5299822472", "", "abc"])
def test_repeated_short_and_mistyped_cpfs_are_invalid(cpf: str) -> None:
    assert not is_cpf(cpf)


@pytest.mark.parametrize("cnpj", ["11.222.333/0001-81", "11222333000181", "12.ABC.345/01DE-35", "12abc34501de35"])
def test_known_cnpjs_are_valid_with_and_without_punctuation(cnpj: str) -> None:
    assert is_cnpj(cnpj)


@pytest.mark.parametrize("cnpj", ["11.111.111/1111-11", "11222333000182", "1122233300018", "", "12ABC34501DEAB"])
def test_repeated_short_and_mistyped_cnpjs_are_invalid(cnpj: str) -> None:
    assert not is_cnpj(cnpj)
