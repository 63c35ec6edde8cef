"""`python -m infra.local.demo`: plays conversations of the demo company with its crew, and checks replies and rows.

The exit code is 0 when everything is right, 1 when a reply or row is missing or wrong, 2 when the stack is not up.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from infra.local.demo.client import DemoError, Ledger, Phone
from infra.local.demo.scenes import SCENES, Run, newcomer_name, visitor_number
from infra.local.demo.transcript import Transcript
from infra.local.front_door.conversation import Journal, connect
from infra.local.front_door.phones import same_phone
from infra.local.front_door.stack import Company, StackFile, load_stack
from infra.local.paths import instance_dir

# Each missing reply takes a minute; after two of them the stack does not work.
_MOST_UNANSWERED = 2


def main() -> int:
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    options = _options()
    started = time.monotonic()
    try:
        run, company = _prepare(options.stack, Transcript())
        run.transcript.title(company.name)
        for scene in SCENES:
            if run.unanswered >= _MOST_UNANSWERED:
                run.transcript.note("A equipe não está respondendo; `make logs` mostra por quê.")
                break
            if not options.scene or scene.__name__ in options.scene:
                scene(run)
    except (DemoError, SQLAlchemyError) as broken:
        reason = broken if isinstance(broken, DemoError) else "O Postgres da pilha não responde; rode `make up`."
        print(f"\nA demonstração parou: {reason}", file=sys.stderr)
        return 2
    run.transcript.end(run.checks, run.failures, time.monotonic() - started)
    return 1 if run.failures or not run.checks else 0


def _prepare(path: Path, transcript: Transcript) -> tuple[Run, Company]:
    try:
        stack = load_stack(path)
        front_door = str(json.loads(path.read_bytes())["front_door"])
    except (OSError, ValueError, KeyError) as missing:
        raise DemoError(
            f"A pilha não está no ar ({path.name} não existe ou está incompleto); rode `make up`."
        ) from missing
    company = stack.company(None)
    if company is None or stack.database_url is None:
        raise DemoError("A pilha está no ar sem a empresa de demonstração; rode `make reset` e `make up`.")
    journal = Journal(StackFile(path).read)
    company = journal.company(company)
    staff = next((one for one in company.people if not same_phone(one.phone, company.owner_phone)), None)
    if staff is None:
        raise DemoError("A empresa de demonstração não tem ninguém além do dono; rode `make reset` e `make up`.")
    ledger = Ledger(connect(stack.database_url), journal, company.company_id)
    run = Run(
        owner=_phone(front_door, company, company.owner_phone),
        staff=_phone(front_door, company, staff.phone),
        visitor=Phone(front_door, company, visitor_number(), "Visitante"),
        ledger=ledger,
        transcript=transcript,
        newcomer=newcomer_name(ledger),
    )
    return run, company


def _phone(front_door: str, company: Company, number: str) -> Phone:
    name = next((one.name for one in company.people if same_phone(one.phone, number)), number)
    return Phone(front_door, company, number, name.split()[0])


def _options() -> argparse.Namespace:
    names = [scene.__name__ for scene in SCENES]
    parser = argparse.ArgumentParser(prog="python -m infra.local.demo", description=__doc__)
    parser.add_argument("--stack", type=Path, default=instance_dir() / "stack.json")
    parser.add_argument("--scene", action="append", choices=names, help="play only this scene; may be repeated")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
