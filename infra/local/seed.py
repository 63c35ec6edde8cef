"""`python -m infra.local.seed`: makes the demo company on a deployed stack and prints what a caller needs as JSON.

Runs with the environment of a function. Safe to repeat: the company keeps its ids and keys (in the file --memory), rows
that are there stay, and what only the emulator held (the channel's address and secret, the sessions) is written again.
"""

import argparse
import json
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from falachefe import runtime
from falachefe.auth.models import User
from falachefe.crews.service import default_crew
from falachefe.kernel.ids import new_id
from falachefe.tenancy.service import create_company
from falachefe.whatsapp.channels import channel_item
from falachefe.whatsapp.models import Channel

COMPANY = "Padaria do Bairro"
CHANNEL_PHONE = "+551140028922"
ADMIN_EMAIL = "admin@padaria.example"


@dataclass(frozen=True)
class Person:
    key: str
    name: str
    phone: str
    role: str
    email: str | None = None


OWNER = Person("owner", "João Pereira", "+5511987654321", "admin", ADMIN_EMAIL)
STAFF = Person("staff", "Ana Souza", "+5511976543210", "user")


class Memory:
    """Ids and keys of the demo company, so that a redeploy changes none of them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def id(self, name: str) -> UUID:
        return UUID(self._remember(name, str(new_id())))

    def key(self, name: str) -> str:
        return self._remember(name, secrets.token_urlsafe(24))

    def _remember(self, name: str, fresh: str) -> str:
        if name not in self._known:
            self._known[name] = fresh
            self._path.touch(mode=0o600)
            self._path.write_text(json.dumps(self._known, indent=2))
        return self._known[name]


def seed(memory: Memory, front_door: str, stage: str) -> dict[str, Any]:
    """The demo company as stack.json shows it."""
    company_id, channel_id = memory.id("company"), memory.id("channel")
    secret_name = f"falachefe/{stage}/channel/{channel_id}"
    with runtime.database().tenant(company_id) as session:
        create_company(session, company_id, name=COMPANY)
        default_crew(session, company_id, runtime.clock().now())
        _add_people(session, company_id, memory)
        _add_channel(session, company_id, channel_id, front_door, secret_name)
    _open_channel(memory, company_id, channel_id, secret_name)
    for person in (OWNER, STAFF):
        _sign_in(company_id, memory.id(person.key), person.phone)
    key = memory.key("channel_key")
    return {
        "company_id": str(company_id),
        "company_name": COMPANY,
        "admin": {"email": ADMIN_EMAIL, "password": memory.key("admin_password")},
        "owner_name": OWNER.name,
        "owner_phone": OWNER.phone,
        "staff": [{"name": STAFF.name, "phone": STAFF.phone, "role": STAFF.role}],
        "channel_phone": CHANNEL_PHONE,
        "channel_key": key,
        "webhook_url": f"{front_door}/v1/whatsapp/webhooks/uaz/{key}",
        "instance_token": memory.key("instance_token"),
    }


def _add_people(session: Session, company_id: UUID, memory: Memory) -> None:
    from argon2 import PasswordHasher

    for person in (OWNER, STAFF):
        values = {
            "company_id": company_id,
            "id": memory.id(person.key),
            "name": person.name,
            "email": person.email,
            "phone": person.phone,
            "role": person.role,
            "password_hash": PasswordHasher().hash(memory.key("admin_password")) if person.email else None,
        }
        session.execute(insert(User).values(values).on_conflict_do_nothing())


def _add_channel(session: Session, company_id: UUID, channel_id: UUID, front_door: str, secret_name: str) -> None:
    values = {
        "company_id": company_id,
        "id": channel_id,
        "name": "WhatsApp da padaria",
        "provider": "uaz",
        "phone": CHANNEL_PHONE,
        "base_url": f"{front_door}/provider/uaz",
        "secret_name": secret_name,
    }
    # The front door may have another port this time.
    statement = insert(Channel).values(values)
    session.execute(
        statement.on_conflict_do_update(index_elements=["company_id", "id"], set_={"base_url": values["base_url"]})
    )


def _open_channel(memory: Memory, company_id: UUID, channel_id: UUID, secret_name: str) -> None:
    token = memory.key("instance_token")
    _put_secret(secret_name, {"token": token})
    runtime.table("CHANNELS_TABLE").put(
        channel_item(
            memory.key("channel_key"),
            company_id=company_id,
            channel_id=channel_id,
            provider="uaz",
            token=token,
            secret_name=secret_name,
        )
    )


def _put_secret(name: str, value: dict[str, str]) -> None:
    from falachefe.aws.clients import client

    manager = client("secretsmanager")
    try:
        manager.create_secret(Name=name, SecretString=json.dumps(value))
    except manager.exceptions.ResourceExistsException:
        manager.put_secret_value(SecretId=name, SecretString=json.dumps(value))


def _sign_in(company_id: UUID, user_id: UUID, phone: str) -> None:
    """Leaves the phone with a live session, as a code answered just now would."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.local.seed", description=__doc__)
    parser.add_argument("--front-door", required=True)
    parser.add_argument("--memory", type=Path, required=True)
    options = parser.parse_args()
    print(json.dumps(seed(Memory(options.memory), options.front_door, runtime._required("STAGE"))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
