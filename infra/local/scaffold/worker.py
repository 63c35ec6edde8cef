"""`make worker name=close-months domain=platform context=finance`: a FIFO queue and its worker."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.local.console import Refused
from infra.local.scaffold.events import queue_event
from infra.local.scaffold.names import Name
from infra.local.scaffold.places import LAYER, context_of, domain_of
from infra.local.scaffold.tree import Change
from infra.local.templates.text import filled

_FILES: Final = Path(__file__).parent / "files" / "worker"
_COMPANY: Final = "0199aaaa-0000-7000-8000-000000000002"
_SWEEP: Final = "functions/crews/functions.toml"
_POLICIES: Final = f"{LAYER}/aws/queue_policies.py"


def plan(given: Mapping[str, str]) -> Change:
    """All files of a new worker. Raises `Refused` for arguments that are missing, malformed or exist already."""
    name, context, domain = Name.read(given.get("name", "")), context_of(given), domain_of(given)
    queue = Name.read(given["queue"], "queue") if "queue" in given else name
    change = Change(f"worker {domain}/{name.kebab}")
    if f'"{queue.kebab}":' in change.text(_POLICIES):
        raise Refused(f"queue={queue.kebab}: there is a queue of that name")
    words = {
        "name": name.kebab,
        "snake": name.snake,
        "camel": name.camel,
        "context": context,
        "domain": domain,
        "queue": queue.kebab,
    }
    change.new(f"{LAYER}/{context}/{name.snake}.py", filled(_FILES / "use_case.py.txt", **words))
    change.new(f"functions/{domain}/{name.snake}.py", filled(_FILES / "handler.py.txt", **words))
    declaration = filled(_FILES / "functions.toml.txt", **words)
    change.texts[f"functions/{domain}/functions.toml"] = (
        change.text(f"functions/{domain}/functions.toml").rstrip("\n") + "\n\n" + declaration
    )
    _sizes(change, domain)
    _queue(change, queue, f"{domain}-{name.kebab}")
    message = {"company_id": _COMPANY, "day": "2026-11-29"}
    change.new(f"events/{domain}/{name.snake}.json", queue_event(queue.kebab, message, _COMPANY))
    change.new(f"tests/integration/{context}/test_{name.snake}.py", filled(_FILES / "test.py.txt", **words))
    worked_by = f'    "{queue.kebab}": "{domain}.{name.snake}",\n'
    change.insert_sorted("tests/security/test_tenancy_jobs.py", worked_by, after="HANDLERS:", until="}")
    return change


def _queue(change: Change, queue: Name, function: str) -> None:
    """How its failures are dealt with; and the sweep, which releases what was put aside, may send to it."""
    policy = f'    "{queue.kebab}": QueuePolicy(backoff_s=(1, 5, 20, 60, 300), tries=6, min_remaining_s=10),\n'
    text = change.text(_POLICIES)
    head, rest = text.split("\nQUEUES: Final = {\n")
    change.texts[_POLICIES] = f"{head}\nQUEUES: Final = {{\n{rest.replace('\n}', f'\n{policy}}}', 1)}"
    sweep = change.text(_SWEEP).partition("[sweep]")[2].partition("\n[")[0]
    found = re.search(r"sends = \[.*\]", sweep)
    if not found:
        raise Refused(f"{_SWEEP}: [sweep] sends to nothing")
    change.replace_once(_SWEEP, found[0], found[0].removesuffix("]") + f', "{queue.kebab}.fifo"]')
    row = f"| {queue.kebab} | {function} | a company and a day |\n"
    change.replace_once("docs/runbooks/stuck-queue.md", "\n\n## 1. Find the cause", f"\n{row}\n## 1. Find the cause")


def _sizes(change: Change, domain: str) -> None:
    """Adds the stage's size, which limits concurrency, to the parameters of a domain without workers so far."""
    template = f"functions/{domain}/template.yaml"
    if "  Size:\n" in change.text(template):
        return
    change.replace_once(
        template, "  Stage:\n    Type: String\n", "  Stage:\n    Type: String\n  Size:\n    Type: String\n"
    )
    change.replace_once(template, "\nConditions:\n", "\nConditions:\n  IsSmall: !Equals [!Ref Size, small]\n")
    here = f"      Location: {template}\n      Parameters:\n        Stage: !Ref Stage\n"
    change.replace_once("template.yaml", here, f"{here}        Size: !Ref Size\n")
