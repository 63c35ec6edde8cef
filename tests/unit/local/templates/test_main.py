"""The templates hold what their resources need: the part that is the same for all is written, not typed."""

from pathlib import Path

import pytest

from infra.local.paths import ROOT
from infra.local.templates.__main__ import BEGIN, END, faults, main

HANDLER = """
from falachefe.app.rest import rest_api

api = rest_api("{domain}")


@api.get("/things", permission="{permission}")
def things() -> list[str]:
    return []
"""


def test_the_templates_are_as_they_would_be_written() -> None:
    written = {template.parent.name for template in ROOT.glob("functions/*/*.yaml") if BEGIN in template.read_text()}

    assert written == {"auth", "admin", "whatsapp", "crews", "business", "platform"}
    assert main(["--check"]) == 0


def test_no_function_is_typed_by_hand() -> None:
    """Its role, log group and alarms would be a second way of writing them."""
    for template in ROOT.glob("functions/*/*.yaml"):
        before, _, rest = template.read_text().partition(BEGIN)
        by_hand = before + rest.partition(END)[2]
        assert "AWS::Serverless::Function" not in by_hand, template
        assert "AWS::Logs::LogGroup" not in by_hand, template


@pytest.mark.parametrize(
    ("domain", "permission", "template", "said"),
    [
        ("shop", "suppliers.read", BEGIN + END, None),
        ("shop", "suppliers.read", "Handler: things.handler", None),
        ("shop", "things.read", BEGIN + END, "nobody can hold things.read"),
        ("business", "suppliers.read", BEGIN + END, 'declare domain="shop"'),
        ("shop", "suppliers.read", "Resources:", "no place for things.py"),
    ],
)
def test_an_endpoint_that_nobody_could_call_is_told_of(
    tmp_path: Path, domain: str, permission: str, template: str, said: str | None
) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "template.yaml").write_text(template)
    (shop / "things.py").write_text(HANDLER.format(domain=domain, permission=permission))

    found = faults(shop)
    assert len(found) == (said is not None)
    assert said is None or said in found[0]
