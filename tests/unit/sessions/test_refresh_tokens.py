"""Refresh tokens: their MAC, and how repeated use is classified."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.accounts.users import SessionKey
from falachefe.audit.rules import masked_address
from falachefe.sessions import refresh_tokens
from falachefe.sessions.refresh_tokens import Use
from falachefe.sessions.store import device

KEY = SessionKey(uuid4(), uuid4(), uuid4())
PEPPER, SALT = "p" * 64, b"s" * 16
GOOD = refresh_tokens.write(PEPPER, SALT, KEY, 3)


def test_token_names_its_session_and_generation_and_verifies() -> None:
    read = refresh_tokens.read(GOOD)

    assert read is not None
    assert (read.key, read.generation) == (KEY, 3)
    assert refresh_tokens.is_authentic(PEPPER, SALT, read)


@pytest.mark.parametrize(("pepper", "salt"), [("q" * 64, SALT), (PEPPER, b"t" * 16)])
def test_token_verifies_only_with_its_pepper_and_salt(pepper: str, salt: bytes) -> None:
    read = refresh_tokens.read(refresh_tokens.write(pepper, salt, KEY, 3))

    assert read is not None
    assert not refresh_tokens.is_authentic(PEPPER, SALT, read)


@given(st.integers(len(refresh_tokens.PREFIX), len(GOOD) - 1), st.sampled_from("ABab01-_"))
def test_token_with_one_character_changed_does_not_verify(place: int, character: str) -> None:
    changed = GOOD[:place] + character + GOOD[place + 1 :]
    read = refresh_tokens.read(changed)

    assert changed == GOOD or read is None or not refresh_tokens.is_authentic(PEPPER, SALT, read)


@given(
    st.one_of(st.text(max_size=200), st.text(alphabet="ABab01-_=+/ ", max_size=200).map(refresh_tokens.PREFIX.__add__))
)
def test_malformed_token_is_not_parsed(text: str) -> None:
    assert refresh_tokens.read(text) is None


@pytest.mark.parametrize(
    ("used", "parent", "after_ms", "meaning"),
    [
        (3, 2, 0, Use.CURRENT),
        (3, 2, 10**9, Use.CURRENT),
        (2, 2, 0, Use.REPEATED),
        (2, 2, 10_000, Use.REPEATED),
        (2, 2, 10_001, Use.RENEWED),
        (2, 2, 10**9, Use.RENEWED),
        (1, 2, 0, Use.REUSED),
        (4, 2, 0, Use.REUSED),
        (1, 1, 10_001, Use.RENEWED),
        (2, 1, 0, Use.REUSED),
        (2, 1, 10_001, Use.REUSED),
    ],
)
def test_only_the_parent_of_the_current_token_may_be_used_again(
    used: int, parent: int, after_ms: int, meaning: Use
) -> None:
    assert (
        refresh_tokens.classify_use(used=used, current=3, parent=parent, rotated_ms=1_000, now_ms=1_000 + after_ms)
        is meaning
    )


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2::7", "2001:db8:1::"),
        ("not an address", None),
        ("", None),
        (None, None),
    ],
)
def test_address_is_stored_masked(address: str | None, shown: str | None) -> None:
    assert masked_address(address) == shown


def test_device_name_and_user_agent_are_cleaned_and_shortened() -> None:
    said = device(" Celular\x00 do\nCarlos ", "x" * 1000, "10.0.0.1")

    assert said.name == "Celular do Carlos"
    assert said.user_agent == "x" * 300
    assert device("", " ", None) == device(None, None, None)
