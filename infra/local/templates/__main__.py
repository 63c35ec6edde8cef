"""python -m infra.local.templates          writes the generated part of each template (`make templates`)
python -m infra.local.templates --check  says whether the templates are as it would write them (`make lint`)

Both end non-zero for an endpoint that nobody could call: its permission, domain or template's marks are missing.
"""

import re
import sys
from pathlib import Path
from typing import Final

from infra.local.paths import ROOT
from infra.local.templates.declared import declared
from infra.local.templates.endpoints import faults as endpoint_faults
from infra.local.templates.endpoints import ordinary
from infra.local.templates.resources import api_resources, function_resources

BEGIN: Final = """\
  # >>>>>>>>>> All from here to the line of <<<<<<<<<< is written by `make templates`, from functions.toml and the
  # >>>>>>>>>> handlers beside this file. Change those: what is typed in here is lost, and fails `make lint`.

"""
END: Final = "  # <<<<<<<<<< the end of what `make templates` writes\n"


def written(template: Path) -> str:
    """The template with the part between the marks made anew."""
    before, after = _by_hand(template)
    domain = template.parent
    api, functions = declared(domain)
    made = [function_resources(one, domain) for one in functions if one.template == template.name]
    if template.name == "template.yaml":
        named = {one.handler for one in functions} | _handlers_by_hand(domain)
        endpoints = [ordinary(file) for file in sorted(domain.glob("*.py")) if file.stem not in named]
        made += [function_resources(one, domain) for one in endpoints if one is not None]
        made = [api_resources(domain.name, api), *made] if api else made
    return before + BEGIN + "".join(made) + END + after


def faults(domain: Path) -> list[str]:
    """Why an endpoint of this domain could not be called, and what to do about it."""
    handlers = sorted(domain.glob("*.py"))
    found = [fault for handler in handlers for fault in endpoint_faults(handler)]
    if BEGIN in (domain / "template.yaml").read_text():
        return found
    return found + [
        f"{domain.name}/template.yaml has no place for {handler.name}: copy the marks, and the parameters that it"
        " refers to, from business/template.yaml"
        for handler in handlers
        if handler.stem not in _handlers_by_hand(domain) and ordinary(handler) is not None
    ]


def _by_hand(template: Path) -> tuple[str, str]:
    before, _, rest = template.read_text().partition(BEGIN)
    return before, rest.partition(END)[2]


def _handlers_by_hand(domain: Path) -> set[str]:
    return set(re.findall(r"Handler: (\w+)\.handler", "".join(_by_hand(domain / "template.yaml"))))


def main(arguments: list[str]) -> int:
    templates = sorted(ROOT.glob("functions/*/*.yaml"))
    wrong = [fault for domain in {template.parent: None for template in templates} for fault in faults(domain)]
    for template in templates:
        if BEGIN not in template.read_text() or template.read_text() == written(template):
            continue
        name = template.relative_to(ROOT)
        if "--check" in arguments:
            wrong.append(f"{name} is stale: run make templates")
        else:
            template.write_text(written(template))
            print(f"{name} written")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
