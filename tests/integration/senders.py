"""Senders of requests to a handler, a user with a token or a program with a key; and a reader of the company's rows."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from falachefe.db.engine import Database

HOME_ADDRESS = "203.0.113.77"


class Sender:
    """A person or a program, by what they send as their credential."""

    def __init__(self, credential: str, *, header: str = "Authorization", address: str = HOME_ADDRESS) -> None:
        value = f"Bearer {credential}" if header == "Authorization" else credential
        self.headers, self.address = {header: value}, address

    def ask(self, handler: Any, method: str, path: str, **query: str) -> "Answer":
        return self(handler, method, path, query_string=query)

    def __call__(
        self,
        handler: Any,
        method: str,
        path: str,
        body: Any = None,
        *,
        query_string: Mapping[str, str] | None = None,
        **headers: str,
    ) -> "Answer":
        sent = {"Content-Type": "application/json", "User-Agent": "tests", **self.headers}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = handler(
            {
                "resource": path,
                "path": path,
                "httpMethod": method,
                "headers": sent,
                "multiValueHeaders": {name: [value] for name, value in sent.items()},
                "queryStringParameters": query_string,
                "multiValueQueryStringParameters": {name: [value] for name, value in (query_string or {}).items()},
                "requestContext": {"requestId": "req-1", "identity": {"sourceIp": self.address}},
                "body": None if body is None else json.dumps(body),
                "isBase64Encoded": False,
            },
            None,
        )
        return Answer(answer)


class Answer:
    def __init__(self, raw: dict[str, Any]) -> None:
        self.status: int = raw["statusCode"]
        self.headers = {name: values[0] for name, values in raw["multiValueHeaders"].items()}
        self.text: str = raw["body"] or ""

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def run(database: Database, company_id: UUID, statement: str, **values: Any) -> list[Any]:
    with database.tenant(company_id) as session:
        result = session.execute(text(statement), values)
        return list(result) if result.returns_rows else []  # type: ignore[attr-defined]
