"""Malformed and valid secrets."""

import pytest

from falachefe.app import runtime
from falachefe.aws.failures import is_outage
from falachefe.kernel.errors import Unavailable


class Provider:
    def __init__(self, text: str) -> None:
        self.text = text

    def get(self, name: str, **_: object) -> str:
        return self.text


@pytest.mark.parametrize("text", ["", "no JSON {", "[]", '"text"', "null"])
def test_malformed_secret_is_an_outage(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A mistake in a manually edited secret must not quarantine messages."""
    monkeypatch.setattr(runtime, "_secrets_provider", lambda _: Provider(text))
    with pytest.raises(Unavailable) as refused:
        runtime.secret("falachefe/test/channel/1")
    assert is_outage(refused.value)


def test_secret_is_its_json_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_secrets_provider", lambda _: Provider('{"pepper": "x"}'))
    assert runtime.secret("falachefe/test/pepper") == {"pepper": "x"}
