"""Device tokens: valid for one account, for a year."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from falachefe.accounts.passwords.devices import TOKEN_LIFETIME, Devices

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
DEVICES = Devices("p" * 64)
WHO = "Dono@exemplo.com"


def test_device_token_is_valid_for_its_e_mail_in_any_case_only() -> None:
    token = DEVICES.token(WHO, NOW)

    assert DEVICES.known(" dono@EXEMPLO.com ", token, NOW) == DEVICES.known(WHO, token, NOW) is not None
    assert DEVICES.known("outro@exemplo.com", token, NOW) is None


def test_each_token_has_its_own_device_id() -> None:
    assert DEVICES.known(WHO, DEVICES.token(WHO, NOW), NOW) != DEVICES.known(WHO, DEVICES.token(WHO, NOW), NOW)


def test_device_token_expires_after_a_year() -> None:
    token = DEVICES.token(WHO, NOW)

    assert DEVICES.known(WHO, token, NOW + TOKEN_LIFETIME) is not None
    assert DEVICES.known(WHO, token, NOW + TOKEN_LIFETIME + timedelta(seconds=1)) is None


def test_device_token_is_invalid_under_another_pepper() -> None:
    assert Devices("q" * 64).known(WHO, DEVICES.token(WHO, NOW), NOW) is None


def test_device_token_does_not_contain_the_e_mail() -> None:
    assert "dono" not in DEVICES.token(WHO, NOW).lower()


@given(st.one_of(st.none(), st.text(max_size=120), st.text(max_size=100).map(lambda text: f"fcd_{text}")))
def test_malformed_device_token_is_invalid(text: str | None) -> None:
    assert DEVICES.known(WHO, text, NOW) is None


@given(st.integers(0, 10_000), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
def test_changed_device_token_is_invalid(place: int, character: str) -> None:
    token = DEVICES.token(WHO, NOW)
    place = 4 + place % (len(token) - 5)  # the last character holds stray bits
    changed = token[:place] + character + token[place + 1 :]

    assert (DEVICES.known(WHO, changed, NOW) is None) is (changed != token)
