"""Reads a domain's functions.toml.

Strings are YAML and go into the template as they stand, so that `"!Ref AppUrl"` is a reference. A table is one handler
file:

    [send_email]                        # functions/<domain>/send_email.py
    memory = 512                        # MB
    timeout = 60                        # s
    secrets = ["DatabaseSecretArn"]     # parameters: may be read; passed in DATABASE_SECRET_ARN
    tables = { AuthTable = "PutItem" }  # parameters: actions of DynamoDB; passed in AUTH_TABLE
    queue = { name = "emails.fifo", old = 300, batch = 3, at_once = 5 }

and what else `Function` has below. A role allows nothing but what is said here.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Final

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from infra.local.templates.names import logical_of

_STRICT: Final = ConfigDict(extra="forbid")
AGENTS: Final = ("orchestrator", "financial", "marketing", "hr", "support")


@dataclass(frozen=True, config=_STRICT)
class Api:
    """Requests that the domain's API takes."""

    a_second: int
    burst: int


@dataclass(frozen=True, config=_STRICT)
class Queue:
    """A worker's queue, with its dead-letter queue and alarms."""

    name: str
    old: int
    """How long, in seconds, a message may wait before an alarm."""
    batch: int
    at_once: int
    """The highest concurrency; in a small stage it is two."""
    logical: str = ""
    dead_letters: str = ""
    """The base of the dead-letter queue's name, where it is not the queue's."""
    delay: int = 0


@dataclass(frozen=True, config=_STRICT)
class Allow:
    """Actions on one resource that no other field grants."""

    actions: str
    on: str


@dataclass(frozen=True, config=_STRICT)
class Function:
    domain: str
    handler: str
    memory: int
    timeout: int
    name: str
    logical: str
    template: str = "template.yaml"
    routes: Mapping[str, str] = field(default_factory=dict)
    """The API's routes, by the event names from which SAM derives logical ids."""
    queue: Queue | None = None
    schedule: str = ""
    too_late: int = 300
    """Seconds after which a run of the schedule is not retried."""
    on: tuple[str, ...] = ()
    """Types of events on the bus that invoke it."""
    alarm: str = "The scheduled function fails"
    dead_letters: str = ""
    """For an asynchronous job: the text of the alarm when it failed for good."""
    secrets: tuple[str, ...] = ()
    rotates: tuple[str, ...] = ()
    """Secrets that it may also write."""
    tables: Mapping[str, str] = field(default_factory=dict)
    sends: tuple[str, ...] = ()
    """Queues that it sends to; "agents" are those of all agents."""
    watches: tuple[str, ...] = ()
    """Queues whose attributes it reads."""
    publishes: bool = False
    """Whether it publishes events to the bus."""
    model: bool = False
    """Whether it runs a model: adds the agents' layer, the models' secret and Bedrock."""
    network: bool | None = None
    """Whether it is in the VPC; by default if it reads the database's secret."""
    layers: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    allow: tuple[Allow, ...] = ()
    properties: str = ""
    """Further lines of YAML for the function."""

    @property
    def in_network(self) -> bool:
        return "DatabaseSecretArn" in self.secrets if self.network is None else self.network


_FUNCTION: Final = TypeAdapter(Function)


def declared(domain: Path) -> tuple[Api | None, tuple[Function, ...]]:
    """A domain's API and the functions that functions.toml names, in its order. Raises `pydantic.ValidationError`."""
    file = domain / "functions.toml"
    given = tomllib.loads(file.read_text()) if file.exists() else {}
    api = TypeAdapter(Api).validate_python(given.pop("api")) if "api" in given else None
    return api, tuple(_FUNCTION.validate_python(_named(domain.name, handler) | of) for handler, of in given.items())


def _named(domain: str, handler: str) -> dict[str, Any]:
    name = handler.replace("_", "-")
    return {"domain": domain, "handler": handler, "name": name, "logical": logical_of(name)}


def queues_named(names: tuple[str, ...]) -> list[str]:
    """Names of queues, with "agents" replaced by those of all agents."""
    agents = [f"agent-{role}.fifo" for role in AGENTS]
    return [one for name in names for one in (agents if name == "agents" else [name])]
