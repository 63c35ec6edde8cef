import unicodedata
from typing import Literal

import pytest

from falachefe.accounts.passwords.hashing import (
    NOBODYS_HASH,
    hash_password,
    needs_rehash,
    verify_password,
)

HASH = hash_password("pão de queijo às sete")


def test_a_hash_is_argon2id_with_the_parameters_of_the_day() -> None:
    assert HASH.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert not needs_rehash(HASH)
    assert not needs_rehash(NOBODYS_HASH)


def test_two_hashes_of_one_password_differ_and_both_hold() -> None:
    again = hash_password("pão de queijo às sete")

    assert again != HASH
    assert verify_password(again, "pão de queijo às sete")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_password_holds_in_either_form_of_its_accents(form: Literal["NFC", "NFD"]) -> None:
    assert verify_password(HASH, unicodedata.normalize(form, "pão de queijo às sete"))


@pytest.mark.parametrize(
    "given", ["", "pao de queijo as sete", "Pão de queijo às sete", "pão de queijo às sete ", "\x00"]
)
def test_another_password_does_not_hold(given: str) -> None:
    assert not verify_password(HASH, given)


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$2b$12$abcdefghijklmnopqrstuv"])
def test_nothing_opens_an_account_without_a_hash(stored: str | None) -> None:
    assert not verify_password(stored, "")
    assert not verify_password(stored, "qualquer coisa")


def test_a_weaker_hash_is_to_be_replaced() -> None:
    assert needs_rehash(HASH.replace("t=3", "t=2"))
