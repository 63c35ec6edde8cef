"""The password policy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.accounts.passwords import policy
from falachefe.accounts.passwords.portuguese_words import PORTUGUESE_WORDS
from falachefe.kernel.errors import InvalidInput

KNOWN_ELSEWHERE = tuple(
    """
    password passwords welcome letmein secret access freedom whatever nothing qwerty asdfgh zxcvbnm qazwsx azerty
    abc abcdef admin master guest default system changeme iloveyou princess sunshine butterfly dragon monkey shadow
    superman batman starwars pokemon naruto minecraft playstation football baseball computer internet google facebook
    instagram samsung microsoft january monday summer winter silver chocolate banana michael jordan jennifer ashley
    flamengo corinthians palmeiras botafogo internacional brasil maria lucas gabriel fernanda silva oliveira
    """.split()  # noqa: SIM905
)
"""Common words that zxcvbn's own lists hold, in whichever language."""
NAME, EMAIL = "Carlos Andrade", "dono.padaria@exemplo.com.br"


def refusal(password: str) -> str | None:
    try:
        policy.check(password, name=NAME, email=EMAIL)
    except InvalidInput as refused:
        (error,) = refused.errors
        return f"{refused.code} {error.field}: {error.message}"
    return None


def test_error_names_the_given_field() -> None:
    with pytest.raises(InvalidInput) as refused:
        policy.check("curta", name=NAME, email=EMAIL, field="new_password")

    assert (refused.value.code, refused.value.errors[0].field) == ("password_weak", "new_password")


@pytest.mark.parametrize(
    "password",
    [
        "tangerinas ao meio-dia",
        "pão de queijo às sete",
        "xK9#vQ2!mZ7p",
        "correct horse battery staple",
        "o relógio da praça parou em 1987",
        "guaraná só com gelo e laranja",
        "meu gato dorme na cadeira",
        "a janela azul da escola velha",
    ],
)
def test_long_and_unusual_passwords_are_accepted(password: str) -> None:
    assert refusal(password) is None


@pytest.mark.parametrize(
    "password",
    [
        "senhasenhasenha",
        "SenhaSegura123",
        "S3nh4S3gur4!!",
        "s3nh4s3gur4 2026",
        "password1234",
        "P@ssw0rd2026!",
        "qwertyuiop123",
        "Flamengo2026!",
        "deusefiel12345",
        "admin admin admin",
        "1q2w3e 123456",
        "bemvindo bemvindo",
        "MinhaEmpresa@2026",
        "iloveyou12345",
        "ílôvéyóú12345",
        "senha123senha",
        "flamengo flamengo",
        "palmeiras2024",
        "Palmeiras@2024",
        "corinthians1910",
        "CarvalhoHenrique6384!",
        "EstrelaFlamengo3498!",
        "senha 8273-6451-82",
        "s3nh4 8273645182",
        "trustno1 8273645182",
        "qazwsx edcrfv 91",
        "drowssapdrowssap",
        "nascimento 15/08/1990",
    ],
)
def test_commonly_guessed_passwords_are_rejected(password: str) -> None:
    assert refusal(password) is not None


@pytest.mark.parametrize(
    "password",
    ["123456789012", "987654321098", "abcdefghijkl", "aaaaaaaaaaaa", "ababababab12", "x" * 100 + "abcdefgh"],
)
def test_sequences_and_repetitions_are_rejected(password: str) -> None:
    assert refusal(password) is not None


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("aaaaaaaaaaaa", "sequência"),
        ("abcdefghijkl", "sequência"),
        ("senhasenhasenha", "sequência"),
        ("Flamengo2026!", "comum"),
        ("senha 8273645182", "comum"),
        ("Andrade senha 1", "nome"),
    ],
)
def test_message_says_what_is_wrong(password: str, said: str) -> None:
    assert said in str(refusal(password))


@pytest.mark.parametrize(
    "password", ["minha Andrade 77 z", "CARLOS-quer-entrar", "padaria às sete h", "dono.padaria-9z!x"]
)
def test_own_name_and_e_mail_are_rejected(password: str) -> None:
    assert "nome" in str(refusal(password))


@pytest.mark.parametrize(("length", "may"), [(11, False), (12, True), (128, True), (129, False)])
def test_length_is_12_to_128_characters(length: int, may: bool) -> None:
    password = ("xk9vq2mz7pwj" * 11)[:length]

    assert (refusal(password) is None) is may


@pytest.mark.parametrize("password", ["4ndr4d3 4ndr4d3 1990", "c4rl0s.4ndr4d3!", "d0n0p4d4r1a2026"])
def test_own_name_with_substituted_letters_is_rejected(password: str) -> None:
    assert refusal(password) is not None


@given(
    st.sampled_from(PORTUGUESE_WORDS + KNOWN_ELSEWHERE),
    st.integers(0, 10**10),
    st.sampled_from(["", "!", "@", "#", " "]),
)
def test_common_word_with_digits_and_punctuation_is_rejected(word: str, number: int, sign: str) -> None:
    password = f"{word.capitalize()}{sign}{number:012d}"

    assert refusal(password) is not None


def test_characters_beyond_the_estimated_length_do_not_save_a_common_password() -> None:
    assert refusal("senha" * 20 + "xk9vq2mz7pwj") is not None
    assert refusal("xk9vq2mz7pwj" + "senha" * 20) is None


@given(st.text(max_size=140))
def test_check_handles_any_text(password: str) -> None:
    refusal(password)
