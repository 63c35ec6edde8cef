"""The templates hold what their resources need: the part that is the same for all is written, not typed."""

from pathlib import Path

import pytest

from infra.local.endpoint_functions import BEGIN, END, faults, main, served
from infra.local.paths import ROOT

HANDLER = """
from falachefe.app.rest import rest_api

api = rest_api("{domain}")


@api.get("/things", permission="{permission}")
def things() -> list[str]:
    return []
"""


def test_the_templates_are_as_they_would_be_written() -> None:
    assert {"transactions", "time_off", "suppliers"} <= set(served(ROOT / "functions" / "business"))
    assert main(["--check"]) == 0


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
