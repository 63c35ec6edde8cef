"""Between `sam build` and `sam deploy`: gives the functions that may start from snapshots what a snapshot is taken of.

Lambda takes snapshots of published versions only, so these functions get an alias that their API calls, and each run of
this an id of its own that publishes all of them anew. It writes into the built templates: without it the same templates
deploy functions without versions, which start as ever. An id that somebody has to give would be kept by SAM when it is
forgotten, and the alias would then go on with the code of the release before.
"""

import json
import secrets
import sys
from pathlib import Path
from typing import Final

from infra.local.console import Refused, note
from infra.local.paths import ROOT
from infra.local.sam.template import Template, children, load

BUILT: Final = ROOT / ".aws-sam" / "build" / "template.yaml"
ALIAS: Final = "live"


def templates_under(root: Path) -> dict[Path, Template]:
    """The template and those nested in it."""
    pending, found = [root], {}
    while pending:
        path = pending.pop()
        if path not in found:
            found[path] = load(path)
            pending += children(found[path], path).values()
    return found


def publish(template: Template, release: str) -> int:
    """Changes the template's functions that say what SnapStart they have; returns how many they are.

    Ten characters of `release` tell SAM one release from another.
    """
    functions = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function" and "SnapStart" in resource["Properties"]
    ]
    for properties in functions:
        properties |= {
            "AutoPublishAlias": ALIAS,
            "AutoPublishCodeSha256": release,
            "VersionDeletionPolicy": "Delete",  # a version that is kept is a snapshot that is paid for
        }
    return len(functions)


def main(root: Path = BUILT) -> int:
    if not root.exists():
        raise Refused("nothing is built: run sam build first")
    release, count = secrets.token_hex(32), 0
    for path, template in templates_under(root).items():
        if changed := publish(template, release):
            path.write_text(json.dumps(template, indent=1) + "\n")
            count += changed
    note(f"{count} functions get a version and the alias {ALIAS}, as release {release[:10]}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refused as refused:
        sys.exit(str(refused))
