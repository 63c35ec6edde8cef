import unicodedata
from typing import Literal

import pytest

from falachefe.accounts.passwords.hashing import (
    PLACEHOLDER_HASH,
    hash_password,
    needs_rehash,
    verify_password,
)

HASH = hash_password("pão de queijo às sete")


def test_hash_is_argon2id_with_the_current_parameters() -> None:
    assert HASH.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert not needs_rehash(HASH)
    assert not needs_rehash(PLACEHOLDER_HASH)


def test_two_hashes_of_one_password_differ_and_both_verify() -> None:
    again = hash_password("pão de queijo às sete")

    assert again != HASH
    assert verify_password(again, "pão de queijo às sete")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_password_verifies_in_composed_and_decomposed_form(form: Literal["NFC", "NFD"]) -> None:
    assert verify_password(HASH, unicodedata.normalize(form, "pão de queijo às sete"))


@pytest.mark.parametrize(
    "given", ["", "pao de queijo as sete", "Pão de queijo às sete", "pão de queijo às sete ", "\x00"]
)
def test_other_password_does_not_verify(given: str) -> None:
    assert not verify_password(HASH, given)


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$2b$12$abcdefghijklmnopqrstuv"])
def test_no_password_verifies_without_a_hash(stored: str | None) -> None:
    assert not verify_password(stored, "")
    assert not verify_password(stored, "qualquer coisa")


def test_hash_with_weaker_parameters_needs_a_rehash() -> None:
    assert needs_rehash(HASH.replace("t=3", "t=2"))
