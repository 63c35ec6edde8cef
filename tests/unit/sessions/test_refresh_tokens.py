"""Refresh tokens: what one proves, and what it means when it comes again."""

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


def test_a_token_names_its_session_and_generation_and_proves_them() -> None:
    read = refresh_tokens.read(GOOD)

    assert read is not None
    assert (read.key, read.generation) == (KEY, 3)
    assert refresh_tokens.is_authentic(PEPPER, SALT, read)


@pytest.mark.parametrize(("pepper", "salt"), [("q" * 64, SALT), (PEPPER, b"t" * 16)])
def test_a_token_needs_the_pepper_and_the_session_s_own_salt(pepper: str, salt: bytes) -> None:
    read = refresh_tokens.read(refresh_tokens.write(pepper, salt, KEY, 3))

    assert read is not None
    assert not refresh_tokens.is_authentic(PEPPER, SALT, read)


@given(st.integers(len(refresh_tokens.PREFIX), len(GOOD) - 1), st.sampled_from("ABab01-_"))
def test_a_changed_character_makes_it_worthless(place: int, character: str) -> None:
    changed = GOOD[:place] + character + GOOD[place + 1 :]
    read = refresh_tokens.read(changed)

    assert changed == GOOD or read is None or not refresh_tokens.is_authentic(PEPPER, SALT, read)


@given(
    st.one_of(st.text(max_size=200), st.text(alphabet="ABab01-_=+/ ", max_size=200).map(refresh_tokens.PREFIX.__add__))
)
def test_nonsense_is_no_token(text: str) -> None:
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
def test_only_the_token_that_the_newest_was_made_from_may_come_again(
    used: int, parent: int, after_ms: int, meaning: Use
) -> None:
    assert (
        refresh_tokens.judge(used=used, current=3, parent=parent, rotated_ms=1_000, now_ms=1_000 + after_ms) is meaning
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
def test_an_address_is_kept_without_its_end(address: str | None, shown: str | None) -> None:
    assert masked_address(address) == shown


def test_what_a_device_says_of_itself_is_cut_and_cleaned() -> None:
    said = device(" Celular\x00 do\nCarlos ", "x" * 1000, "10.0.0.1")

    assert said.name == "Celular do Carlos"
    assert said.user_agent == "x" * 300
    assert device("", " ", None) == device(None, None, None)
