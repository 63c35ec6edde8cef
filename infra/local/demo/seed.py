"""`python -m infra.local.demo.seed`: creates the demo company on the running stack, by the product's own services.

It can be repeated: it restores what a restarted emulator has lost, with the same keys (kept in the memory file), and
renews the users' sessions. It runs with the environment of the deployed functions and prints the part of `stack.json`
about the demo.
"""

import argparse
import json
import os
import secrets
import sys
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from sqlalchemy.orm import Session

from falachefe.accounts.users import UserView
from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.companies.service import create_company
from falachefe.crews.service import default_crew
from falachefe.flags.reader import enable_for_company
from falachefe.hr.service import add_employee, list_employees
from falachefe.kernel.ids import new_id
from falachefe.messaging.channels.directory import channel_item
from falachefe.messaging.channels.registration import register_channel, register_contact
from falachefe.onboarding.staff import register_staff
from falachefe.phone_sign_in.codes import Codes
from falachefe.phone_sign_in.service import SignIn, subject_of
from falachefe.plans.limits import subscribe
from falachefe.support.service import publish_article
from infra.local.demo.company import (
    ARTICLES,
    CHANNEL_PHONE,
    COMPANY_NAME,
    CUSTOMERS,
    OWNER,
    STAFF,
    UNLINKED_EMPLOYEES,
    Person,
)
from infra.local.demo.team import add_role_and_posts


@dataclass(frozen=True)
class Memory:
    """Values that must not change between runs, because phones, providers and bookmarks contain them."""

    company_id: str
    channel_id: str
    channel_key: str
    instance_token: str
    admin_password: str

    @classmethod
    def load(cls, path: Path) -> Self:
        """The values of an earlier run; without one, new values, which are stored."""
        try:
            known = json.loads(path.read_text())
            return cls(**{item.name: str(known[item.name]) for item in fields(cls)})
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            made = cls(
                company_id=str(new_id()),
                channel_id=str(new_id()),
                channel_key=secrets.token_urlsafe(24),
                instance_token=secrets.token_urlsafe(24),
                admin_password=secrets.token_urlsafe(12),
            )
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(made)))
        return made


def seed(memory: Memory, front_door: str) -> dict[str, Any]:
    """Creates or updates the demo company, and returns its entry for stack.json."""
    now = runtime.clock().now()
    company_id = UUID(memory.company_id)
    secret_name = f"falachefe/{os.environ['STAGE']}/channel/{memory.channel_id}"
    with runtime.database().tenant(company_id) as session:
        create_company(session, company_id, name=COMPANY_NAME)
        subscribe(session, company_id, "enterprise", now=now)
        enable_for_company(session, company_id, "clinic")
        people = [_member(session, company_id, person, memory, now) for person in (OWNER, *STAFF)]
        _employ(session, company_id, people, now)
        owner, *staff = (user for _, user in people)
        add_role_and_posts(session, company_id, owner, staff, now)
        default_crew(session, company_id, now)
        for question, answer in ARTICLES.items():
            publish_article(session, company_id, question=question, answer=answer, now=now)
        for customer in CUSTOMERS:
            verified, wrote = (now - timedelta(days=days) for days in (customer.verified_days, customer.wrote_days))
            register_contact(
                session,
                company_id,
                phone=customer.phone,
                name=customer.name,
                verified_at=verified,
                last_message_at=wrote,
            )
        register_channel(
            session,
            company_id,
            channel_id=UUID(memory.channel_id),
            name=f"WhatsApp da {COMPANY_NAME}",
            provider="uaz",
            phone=CHANNEL_PHONE,
            base_url=f"{front_door}/provider/uaz",
            secret_name=secret_name,
            now=now,
        )
    _open_channel(memory, secret_name)
    _sign_in(company_id, people, now)
    return _described(memory, front_door)


def _member(
    session: Session, company_id: UUID, person: Person, memory: Memory, now: datetime
) -> tuple[Person, UserView]:
    user = register_staff(
        session,
        company_id,
        name=person.name,
        phone=person.phone,
        role=person.role,
        email=person.email,
        password=memory.admin_password if person.email else None,
        now=now,
    )
    return person, user


def _employ(session: Session, company_id: UUID, people: list[tuple[Person, UserView]], now: datetime) -> None:
    known = {employee.name for employee in list_employees(session, company_id)}
    links: dict[str, UUID | None] = {user.name: user.id for _, user in people}
    for person in (*(person for person, _ in people), *UNLINKED_EMPLOYEES):
        if person.name not in known:
            add_employee(
                session,
                company_id,
                name=person.name,
                position=person.position,
                hired_on=(now - timedelta(days=person.employed_days)).date(),
                user_id=links.get(person.name),
                now=now,
            )


def _open_channel(memory: Memory, secret_name: str) -> None:
    """Creates the channel's secret and its webhook key, which are only in AWS."""
    manager = client("secretsmanager")
    content = json.dumps({"instance_token": memory.instance_token})
    try:
        manager.create_secret(Name=secret_name, SecretString=content)
    except manager.exceptions.ResourceExistsException:
        manager.put_secret_value(SecretId=secret_name, SecretString=content)
    runtime.table("CHANNELS_TABLE").put(
        channel_item(
            memory.channel_key,
            company_id=UUID(memory.company_id),
            channel_id=UUID(memory.channel_id),
            provider="uaz",
            token=memory.instance_token,
            secret_name=secret_name,
        )
    )


def _sign_in(company_id: UUID, people: list[tuple[Person, UserView]], now: datetime) -> None:
    sign_in = SignIn(runtime.table("AUTH_TABLE"), lambda: Codes(runtime.pepper()))
    for person, user in people:
        sign_in.create_session(company_id, person.phone, subject=subject_of(user.id), now=now)


def _described(memory: Memory, front_door: str) -> dict[str, Any]:
    return {
        "company_id": memory.company_id,
        "company_name": COMPANY_NAME,
        "admin": {"email": OWNER.email, "password": memory.admin_password},
        "owner_name": OWNER.name,
        "owner_phone": OWNER.phone,
        "staff": [{"name": person.name, "phone": person.phone, "role": person.role} for person in STAFF],
        "channel_key": memory.channel_key,
        "channel_phone": CHANNEL_PHONE,
        "webhook_url": f"{front_door}/v1/whatsapp/webhooks/uaz/{memory.channel_key}",
        "instance_token": memory.instance_token,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.local.demo.seed", description=__doc__)
    parser.add_argument("--front-door", required=True, help="where the provider stand-in and the APIs answer")
    parser.add_argument("--memory", required=True, type=Path, help="a file that keeps keys from run to run")
    options = parser.parse_args()
    document = seed(Memory.load(options.memory), options.front_door.rstrip("/"))
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
