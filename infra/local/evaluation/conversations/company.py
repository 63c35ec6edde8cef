"""A product in this process: every function's routes over a real Postgres, with a fresh company for each conversation.

AWS is simulated in memory (moto), and the caller is whom the request names; everything else is the product.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from falachefe.app import runtime
from falachefe.aws.rate_limit import Verdict
from falachefe.db.engine import Database
from falachefe.db.outbox import QueueMessage
from falachefe.http.principal import Caller, Principal
from falachefe.kernel.ids import new_id
from infra.local.paths import ROOT

_BUCKET: Final = "falachefe-evaluation-files"
_LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)


class SettableClock:
    """The system's clock, or the moment that a conversation sets."""

    def __init__(self) -> None:
        self.at: datetime | None = None

    def now(self) -> datetime:
        return self.at.astimezone(UTC) if self.at else datetime.now(UTC)


class AcceptingPublisher:
    """Takes every message of the outbox. Nothing is delivered to a provider."""

    def publish(self, queue_messages: Sequence[QueueMessage]) -> Sequence[UUID]:
        return [queue_message.id for queue_message in queue_messages]


class Unlimited:
    def hit(self, key: str, *, limit: int, **_: Any) -> Verdict:  # noqa: ARG002
        return Verdict(True, limit - 1, 0)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any


@dataclass(frozen=True)
class Person:
    """A user of the company, who sends requests."""

    name: str
    principal: Principal

    def call(self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None) -> Answer:
        """A request as API Gateway hands it to a function; status 404 where no function has the route."""
        handler = _handler_of(method, path)
        if handler is None:
            return Answer(404, {"code": "no_such_route"})
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.principal.user_id}"}
        _CALLERS[str(self.principal.user_id)] = self.principal
        with redirect_stdout(StringIO()):  # metrics and logs
            raw = handler(_event(method, path, headers, body, query), None)
        return Answer(raw["statusCode"], json.loads(raw["body"]) if raw.get("body") else None)


@dataclass(frozen=True)
class Company:
    id: UUID
    database: Database
    people: Mapping[str, Person]
    owner: Person

    def person(self, name: str | None) -> Person:
        return self.owner if name is None else self.people[name]

    def add_contact(self, phone: str, name: str, *, verified_days: int, wrote_days: int | None, now: datetime) -> None:
        from falachefe.messaging.models import Contact

        with self.database.tenant(self.id) as session:
            session.add(
                Contact(
                    company_id=self.id,
                    id=new_id(),
                    phone=phone,
                    name=name,
                    verified_at=now - timedelta(days=verified_days),
                    last_message_at=None if wrote_days is None else now - timedelta(days=wrote_days),
                )
            )


@dataclass(frozen=True)
class Product:
    database: Database
    clock: SettableClock

    def company(self, people: Sequence[Mapping[str, str]] = ()) -> Company:
        """A company with an admin, Ana, and further `people` with a name and a base role."""
        from falachefe.companies.models import Company as CompanyRow
        from falachefe.plans.models import Subscription

        company_id = new_id()
        listed = [{"name": "Ana Souza", "role": "admin"}, *people]
        with self.database.tenant(company_id) as session:
            session.add(CompanyRow(id=company_id, name="Padaria do Chefe"))
            session.flush()
            session.add(Subscription(company_id=company_id, plan_code="enterprise", starts_at=_LONG_AGO))
        added = [self._person(company_id, place, one) for place, one in enumerate(listed)]
        return Company(company_id, self.database, {one.name: one for one in added}, added[0])

    def _person(self, company_id: UUID, place: int, described: Mapping[str, str]) -> Person:
        from falachefe.access.permissions import permissions_of
        from falachefe.onboarding.staff import register_staff

        role = described.get("role", "user")
        with self.database.tenant(company_id) as session:
            user = register_staff(
                session,
                company_id,
                name=described["name"],
                phone=f"+551190000{place:04d}",
                role=role,
                now=self.clock.now(),
            )
        return Person(described["name"], Principal(user.id, company_id, role, permissions_of(role), "s"))


@contextmanager
def product(database: Database | None = None) -> Iterator[Product]:
    """The product over a Postgres of its own, or over `database`; ends with this context."""
    from falachefe.sessions import authenticator

    clock = SettableClock()
    with ExitStack() as stack:
        stack.enter_context(_simulated_aws())
        stack.callback(_forget)  # after what was replaced is back
        opened = database or stack.enter_context(_own_database())
        replaced = {
            "database": lambda: opened,
            "clock": lambda: clock,
            "publisher": AcceptingPublisher,
            "limits": Unlimited,
        }
        for name, value in replaced.items():
            stack.enter_context(_replaced(runtime, name, value))
        stack.enter_context(_replaced(authenticator, "principal_of", _principal_of))
        yield Product(opened, clock)


_CALLERS: Final[dict[str, Principal]] = {}


def _principal_of(caller: Caller, *_: Any, **__: Any) -> Principal:
    return _CALLERS[caller.headers["authorization"].removeprefix("Bearer ")]


def _forget() -> None:
    from falachefe.app import agent_worker

    _CALLERS.clear()
    agent_worker.task_dependencies.cache_clear()
    runtime.forget()


@contextmanager
def _replaced(module: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


@contextmanager
def _simulated_aws() -> Iterator[None]:
    from moto import mock_aws

    from falachefe.aws.clients import client

    settings = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "sa-east-1",
        "AWS_REGION": "sa-east-1",
        "POWERTOOLS_METRICS_NAMESPACE": "Falachefe",
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        "STAGE": "dev",
        "FILES_BUCKET": _BUCKET,
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        with mock_aws():
            runtime.forget()
            client("s3").create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _own_database() -> Iterator[Database]:
    from infra.local.evaluation.conversations.own_database import own_database

    with own_database() as database:
        yield database


@cache
def _routes() -> list[tuple[str, re.Pattern[str], Any]]:
    from infra.local.openapi.handlers import api_of, module_of

    found = []
    for file in sorted((ROOT / "functions").glob("*/*.py")):
        api = api_of(file) if _declares_routes(file) else None
        for rule in api.rules if api is not None else ():
            pattern = re.sub(r"<[^>]+>", "[^/]+", rule.path)
            found.append((rule.method, re.compile(f"/v1/{file.parent.name}{pattern}"), module_of(file).handler))
    # Fixed segments come before named ones: `/bills/summary` is no `/bills/<item_id>`.
    return sorted(found, key=lambda route: route[1].pattern.count("[^/]+"))


def _declares_routes(file: Path) -> bool:
    return re.search(r"^api = ", file.read_text(), re.MULTILINE) is not None


def path_of(resource: str) -> str | None:
    """The path of a resource's list, in whichever domain it is; None without one."""
    wanted = re.compile(rf"/v1/[a-z]+/{re.escape(resource)}")
    return next((p.pattern for method, p, _ in _routes() if method == "GET" and wanted.fullmatch(p.pattern)), None)


def _handler_of(method: str, path: str) -> Any:
    bare = urlsplit(path).path
    return next((handler for m, pattern, handler in _routes() if m == method and pattern.fullmatch(bare)), None)


def _event(
    method: str, path: str, headers: Mapping[str, str], body: Any, query: Mapping[str, str] | None
) -> dict[str, Any]:
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": None,
        "requestContext": {"requestId": str(new_id()), "identity": {"sourceIp": "203.0.113.77"}},
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
