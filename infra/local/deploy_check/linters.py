"""cfn-lint and checkov on the translated templates, as CloudFormation receives them."""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import yaml

from infra.local.console import Refused
from infra.local.deploy_check.findings import Checked
from infra.local.deploy_check.stacks import REGION, templates
from infra.local.paths import ROOT

CFN_LINT: Final = ROOT / ".tools" / "sam" / "bin" / "cfn-lint"
CHECKOV: Final = ROOT / ".tools" / "checkov" / "bin" / "checkov"
EXCEPTIONS: Final = Path(__file__).with_name("exceptions.yaml")


def check() -> list[Checked]:
    with tempfile.TemporaryDirectory(prefix="falachefe-templates-") as scratch:
        folder = Path(scratch)
        for path, template in templates().items():
            name = str(path.relative_to(ROOT)).replace("/", "-").replace(".yaml", ".json")
            (folder / name).write_text(json.dumps(template, indent=1))
        return [_cfn_lint(folder), _checkov(folder)]


def _cfn_lint(folder: Path) -> Checked:
    known: Mapping[str, Mapping[str, str]] = yaml.safe_load(EXCEPTIONS.read_text())["cfn-lint"]
    ignored = [argument for code in known for argument in ("--ignore-checks", code)]
    files = sorted(map(str, folder.glob("*.json")))
    command = [str(CFN_LINT), "--regions", REGION, "--format", "parseable", *ignored, "--template", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    faults = [line.removeprefix(f"{folder}/") for line in done.stdout.splitlines() if line.strip()]
    if done.returncode and not faults:
        raise Refused(f"cfn-lint failed:\n{done.stderr.strip()}")
    return Checked("cfn-lint", f"{len(files)} translated templates, {len(known)} exceptions", faults)


def _checkov(folder: Path) -> Checked:
    command = [str(CHECKOV), "--directory", str(folder), "--framework", "cloudformation", "--skip-download"]
    command += ["--output", "json", "--compact", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    try:
        report = json.loads(done.stdout)
        failed, passed = report["results"]["failed_checks"], report["summary"]["passed"]
    except (ValueError, TypeError, KeyError) as error:
        raise Refused(f"checkov failed:\n{(done.stderr or done.stdout).strip()[-2000:]}") from error
    known: Mapping[str, list[dict[str, Any]]] = yaml.safe_load(EXCEPTIONS.read_text())["checkov"]
    return Checked("checkov", f"{passed} passed, {len(failed)} excused or failed", list(judged(failed, known)))


def judged(failed: list[dict[str, Any]], known: Mapping[str, list[dict[str, Any]]]) -> Iterator[str]:
    """Findings that no exception covers, and exceptions that cover nothing any more."""
    used: set[tuple[str, int]] = set()
    for one in failed:
        code, where = one["check_id"], f"{one['file_path'].lstrip('/')}:{one['resource'].rpartition('.')[2]}"
        covers = [n for n, entry in enumerate(known.get(code, [])) if any(map(_matches(where), entry["where"]))]
        used |= {(code, n) for n in covers}
        if not covers:
            yield f"{code} {where}: {one['check_name']}"
    for code, entries in known.items():
        for n, entry in enumerate(entries):
            if (code, n) not in used:
                yield f"{code}: the exception for {', '.join(entry['where'])} covers nothing: take it out"
            if not str(entry.get("reason", "")).strip():
                yield f"{code}: an exception needs its reason"


def _matches(where: str) -> Any:
    return lambda pattern: fnmatchcase(where, pattern)
