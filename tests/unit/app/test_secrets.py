"""Secrets as somebody wrote them."""

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
def test_a_secret_that_was_written_wrongly_is_an_outage(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Whoever mends a token by hand and slips must not have everybody's messages put aside."""
    monkeypatch.setattr(runtime, "_secrets_provider", lambda _: Provider(text))
    with pytest.raises(Unavailable) as refused:
        runtime.secret("falachefe/test/channel/1")
    assert is_outage(refused.value)


def test_a_secret_is_its_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_secrets_provider", lambda _: Provider('{"pepper": "x"}'))
    assert runtime.secret("falachefe/test/pepper") == {"pepper": "x"}
