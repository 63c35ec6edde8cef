"""Tokens of devices that have signed in before: they tell one thing, of one account, for a year."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from falachefe.accounts.passwords.devices import KNOWN_FOR, Devices

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
DEVICES = Devices("p" * 64)
WHO = "Dono@exemplo.com"


def test_a_device_is_known_for_its_own_e_mail_however_it_is_written() -> None:
    token = DEVICES.token(WHO, NOW)

    assert DEVICES.known(" dono@EXEMPLO.com ", token, NOW) == DEVICES.known(WHO, token, NOW) is not None
    assert DEVICES.known("outro@exemplo.com", token, NOW) is None


def test_two_devices_are_two() -> None:
    assert DEVICES.known(WHO, DEVICES.token(WHO, NOW), NOW) != DEVICES.known(WHO, DEVICES.token(WHO, NOW), NOW)


def test_a_device_is_forgotten_after_a_year() -> None:
    token = DEVICES.token(WHO, NOW)

    assert DEVICES.known(WHO, token, NOW + KNOWN_FOR) is not None
    assert DEVICES.known(WHO, token, NOW + KNOWN_FOR + timedelta(seconds=1)) is None


def test_another_pepper_knows_nobody() -> None:
    assert Devices("q" * 64).known(WHO, DEVICES.token(WHO, NOW), NOW) is None


def test_a_token_tells_nothing_of_the_e_mail() -> None:
    assert "dono" not in DEVICES.token(WHO, NOW).lower()


@given(st.one_of(st.none(), st.text(max_size=120), st.text(max_size=100).map(lambda text: f"fcd_{text}")))
def test_no_text_is_taken_for_a_device(text: str | None) -> None:
    assert DEVICES.known(WHO, text, NOW) is None


@given(st.integers(0, 10_000), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
def test_a_changed_token_is_none(place: int, character: str) -> None:
    token = DEVICES.token(WHO, NOW)
    place = 4 + place % (len(token) - 5)  # the last character holds stray bits
    changed = token[:place] + character + token[place + 1 :]

    assert (DEVICES.known(WHO, changed, NOW) is None) is (changed != token)
