"""The templates hold what their resources need: the part that is the same for all is written, not typed."""

from infra.local.paths import ROOT
from infra.local.resource_functions import main, served


def test_the_templates_are_as_they_would_be_written() -> None:
    assert {"transactions", "time_off", "suppliers"} <= set(served(ROOT / "functions" / "business"))
    assert main(["--check"]) == 0
