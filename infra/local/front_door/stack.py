"""Reads stack.json, which `make up` writes, again whenever it changes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from infra.local.front_door.gateway import Gateway, gateway

_NO_FILE = (0, 0)
_NEEDED = frozenset({"company_id", "channel_key", "webhook_url", "instance_token", "owner_phone"})


@dataclass(frozen=True)
class Person:
    """A sender that the simulator offers."""

    name: str
    phone: str
    role: str


@dataclass(frozen=True)
class Company:
    """A company of the stack with the WhatsApp channel that its people write to."""

    company_id: str
    name: str
    channel_key: str
    webhook_url: str
    instance_token: str
    owner_phone: str
    channel_phone: str
    signing_secret: str | None
    people: tuple[Person, ...]


@dataclass(frozen=True)
class Stack:
    """The content of the stack file; empty when there is none yet."""

    apis: Mapping[str, str]
    database_url: str | None
    companies: tuple[Company, ...]
    aws_endpoint: str | None = None
    gateways: Mapping[str, Gateway] = field(default_factory=dict)

    def company(self, company_id: str | None) -> Company | None:
        """The company of that id, or the first one when no id is given."""
        if not company_id:
            return self.companies[0] if self.companies else None
        return next((one for one in self.companies if one.company_id == company_id), None)


EMPTY = Stack(apis={}, database_url=None, companies=())


class StackFile:
    """Reads the file lazily, so that the front door may start before the stack and outlive a redeploy."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._seen = _NO_FILE
        self._stack = EMPTY

    def read(self) -> Stack:
        """The newest complete content; while the file is being written, the content before."""
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                self._reload(stamp)
            return self._stack

    def _stamp(self) -> tuple[int, int]:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return _NO_FILE
        return (status.st_mtime_ns, status.st_size)

    def _reload(self, stamp: tuple[int, int]) -> None:
        if stamp == _NO_FILE:
            self._stack, self._seen = EMPTY, _NO_FILE
            return
        try:
            self._stack = parse_stack(json.loads(self._path.read_bytes()))
        except (ValueError, KeyError, TypeError, OSError):
            return  # still being written: the next request tries again
        self._seen = stamp


def load_stack(path: Path) -> Stack:
    """Reads the file once; raises when it is missing or malformed."""
    return parse_stack(json.loads(path.read_bytes()))


def parse_stack(document: Mapping[str, Any]) -> Stack:
    """Takes the demo company, and any further `companies`, out of the document of `make up`."""
    found = [document["demo"]] if document.get("demo") else []
    known = {one["company_id"] for one in found}
    found += [one for one in document.get("companies", ()) if one["company_id"] not in known]
    return Stack(
        apis=dict(document.get("apis", {})),
        database_url=document.get("database_url"),
        # A company without a channel cannot be written to, but its APIs work.
        companies=tuple(_company(one) for one in found if one.keys() >= _NEEDED),
        aws_endpoint=document.get("aws_endpoint"),
        gateways={domain: gateway(facts) for domain, facts in document.get("gateways", {}).items()},
    )


def _company(entry: Mapping[str, Any]) -> Company:
    return Company(
        company_id=entry["company_id"],
        name=entry.get("company_name") or entry.get("name") or "Empresa de demonstração",
        channel_key=entry["channel_key"],
        webhook_url=entry["webhook_url"],
        instance_token=entry["instance_token"],
        owner_phone=entry["owner_phone"],
        channel_phone=entry.get("channel_phone") or "+551140028922",
        signing_secret=entry.get("signing_secret"),
        people=_people(entry),
    )


def _people(entry: Mapping[str, Any]) -> tuple[Person, ...]:
    owner = Person(name=entry.get("owner_name") or "Dono da empresa", phone=entry["owner_phone"], role="owner")
    staff = (
        Person(name=one.get("name") or "Equipe", phone=one["phone"], role=one.get("role") or "user")
        for one in entry.get("staff", ())
    )
    return (owner, *staff)
