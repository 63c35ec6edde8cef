"""Resources through their handlers, as API Gateway calls them, for a company and its staff."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from falachefe.app import runtime
from falachefe.db.engine import Database
from falachefe.kernel.ids import new_id
from falachefe.onboarding.staff import register_staff
from falachefe.sessions.sign_in import open_session
from falachefe.sessions.store import Device
from tests.integration.aws_fixtures import NOW
from tests.keys import SIGNING

type Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Caller:
    """Sends requests to one handler as one user."""

    handler: Handler
    token: str | None

    def __call__(self, method: str, path: str, body: Any = None, headers: Any = None, **query: str) -> Answer:
        sent = {"Content-Type": "application/json", "User-Agent": "tests", **(headers or {})}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        event = {
            "resource": path,
            "path": path,
            "httpMethod": method,
            "headers": sent,
            "multiValueHeaders": {name: [value] for name, value in sent.items()},
            "queryStringParameters": query or None,
            "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
            "pathParameters": None,
            "requestContext": {"requestId": str(new_id()), "identity": {"sourceIp": "203.0.113.77"}},
            "body": body if body is None or isinstance(body, str) else json.dumps(body),
            "isBase64Encoded": False,
        }
        answer = self.handler(event, None)
        found = {name: values[0] for name, values in answer.get("multiValueHeaders", {}).items()}
        return Answer(answer["statusCode"], found | answer.get("headers", {}), answer["body"])

    def of(self, handler: Handler) -> "Caller":
        return Caller(handler, self.token)


def token_for(database: Database, company_id: UUID, role: str) -> str:
    phone = {"admin": "+5511987654321", "user": "+5511976543210", "superadmin": "+5511965432109"}[role]
    with database.tenant(company_id) as session:
        user = register_staff(session, company_id, name="Maria", phone=phone, role=role, now=NOW)
    return open_session(runtime.sessions(), SIGNING, user, Device(None, None, None), NOW).tokens.access


@pytest.fixture
def as_role(aws: None, database: Database, company_id: UUID) -> Callable[[Handler, str], Caller]:
    return lambda handler, role: Caller(handler, token_for(database, company_id, role))
