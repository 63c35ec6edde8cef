"""`make snapstart`, between `sam build` and `sam deploy`: adds versions and aliases to functions that use SnapStart.

Lambda takes snapshots of published versions only. So these functions get an alias, which their API calls, and each run
a new release id, which makes SAM publish all of them again. Only the built templates are changed; without this step
they deploy functions without versions and snapshots. The id is random, because with one that has to be passed in and
is forgotten, the alias would keep pointing to the code of the previous release.
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
    """The template and its nested templates, by path."""
    pending, found = [root], {}
    while pending:
        path = pending.pop()
        if path not in found:
            found[path] = load(path)
            pending += children(found[path], path).values()
    return found


def publish(template: Template, release: str) -> int:
    """Changes the functions that declare SnapStart, and returns their number.

    SAM compares the first ten characters of `release`.
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
            "VersionDeletionPolicy": "Delete",  # the snapshot of a retained version is billed
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
