"""The peer for a resource: the ledger's entries, implemented as usual with FastAPI, Mangum and SQLAlchemy's ORM.

The same table, the same responses and the same kind of access token. No filters, no rules, no `If-Match`, no
idempotency, no limits, no audit log and no events.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import jwt
from fastapi import FastAPI, HTTPException, Request
from mangum import Mangum
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from falachefe.finance.models import Transaction
from falachefe.kernel.ids import new_id


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: str = Field(pattern="^(expense|income)$")
    amount: Decimal = Field(gt=0, max_digits=14, decimal_places=2)
    description: str = Field(min_length=1, max_length=200)
    category: str = Field(max_length=50)
    date: date


class Change(BaseModel):
    model_config = ConfigDict(extra="forbid")
    description: str | None = Field(default=None, min_length=1, max_length=200)


class Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    version: int
    kind: str
    amount: Decimal
    description: str
    category: str
    occurred_on: date
    source: str
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime


class Page(BaseModel):
    data: list[Shown]
    total: int


def peer_handler(engine: Engine, public_jwk: Mapping[str, str]) -> Mangum:
    app, key = FastAPI(), jwt.PyJWK(dict(public_jwk), "ES256")
    sessions = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def signed_in(request: Request) -> Iterator[tuple[Session, dict[str, Any]]]:
        token = request.headers["authorization"].removeprefix("Bearer ")
        claims = jwt.decode(token, key, ["ES256"], options={"verify_aud": False, "verify_exp": False})
        with sessions() as session, session.begin():
            session.execute(text("select set_config('app.company_id', :id, true)"), {"id": claims["company_id"]})
            yield session, claims

    async def listed(request: Request, limit: int = 50) -> Page:
        with signed_in(request) as (session, _):
            newest = select(Transaction).order_by(Transaction.occurred_on.desc(), Transaction.id.desc()).limit(limit)
            rows = session.scalars(newest).all()
            total = session.scalar(select(func.count()).select_from(Transaction)) or 0
            return Page(data=[Shown.model_validate(row) for row in rows], total=total)

    async def read(request: Request, item_id: UUID) -> Shown:
        with signed_in(request) as (session, _):
            return Shown.model_validate(_row(session, item_id))

    async def create(request: Request, entry: Entry) -> Shown:
        with signed_in(request) as (session, claims):
            row = Transaction(
                company_id=UUID(claims["company_id"]),
                id=new_id(),
                occurred_on=entry.date,
                created_by=UUID(claims["sub"]),
                **entry.model_dump(exclude={"date"}),
            )
            session.add(row)
            session.flush()
            session.refresh(row)
            return Shown.model_validate(row)

    async def update(request: Request, item_id: UUID, change: Change) -> Shown:
        with signed_in(request) as (session, _):
            row = _row(session, item_id)
            for name, value in change.model_dump(exclude_unset=True).items():
                setattr(row, name, value)
            row.updated_at = datetime.now(UTC)
            session.flush()
            return Shown.model_validate(row)

    app.get("/transactions", response_model=Page)(listed)
    app.get("/transactions/{item_id}", response_model=Shown)(read)
    app.post("/transactions", response_model=Shown, status_code=201)(create)
    app.patch("/transactions/{item_id}", response_model=Shown)(update)
    return Mangum(app, lifespan="off")


def _row(session: Session, item_id: UUID) -> Transaction:
    row = session.scalar(select(Transaction).where(Transaction.id == item_id))
    if row is None:
        raise HTTPException(404)
    return row
