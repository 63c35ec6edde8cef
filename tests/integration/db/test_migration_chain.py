"""Revisions form one chain in the order of their numbers."""

import re

from infra.local.paths import ROOT

VERSIONS = sorted((ROOT / "infra/migrations/falachefe_migrations/versions").glob("*.py"))


def test_revisions_are_numbered_in_sequence_and_follow_each_other() -> None:
    chain = [
        (
            path.name[:4],
            *re.findall(r'^(?:down_)?revision(?:: [^=]+)? = (?:"(\d{4})"|None)', path.read_text(), re.MULTILINE),
        )
        for path in VERSIONS
    ]
    numbers = [f"{number:04}" for number in range(1, len(VERSIONS) + 1)]
    assert chain == [(number, number, before) for number, before in zip(numbers, ["", *numbers], strict=False)]
