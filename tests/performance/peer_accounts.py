"""The peer for sign-in and refresh: a usual implementation with FastAPI, Mangum and SQLAlchemy's ORM.

Rotating refresh tokens in a table, hashed; the same password hash, the same kind of access token. No limits, no
lockout, no audit log, one tenant.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from fastapi import FastAPI, HTTPException
from mangum import Mangum
from pydantic import BaseModel
from sqlalchemy import Engine, ForeignKey, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, sessionmaker

hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1)
KEY = "k" * 64


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "peer_people"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    role: Mapped[str]
    last_login_at: Mapped[datetime | None]


class RefreshToken(Base):
    __tablename__ = "peer_refresh_tokens"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("peer_people.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()


class Login(BaseModel):
    email: str
    password: str


class Refresh(BaseModel):
    refresh_token: str


def tokens_for(session: Session, person: Person) -> dict[str, Any]:
    token = secrets.token_urlsafe(48)
    expires = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=7)
    session.add(RefreshToken(token_hash=_hash(token), person_id=person.id, expires_at=expires))
    now = int(time.time())
    claims = {"sub": str(person.id), "role": person.role, "iat": now, "exp": now + 1800}
    return {"access_token": jwt.encode(claims, KEY, "HS256"), "refresh_token": token}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Peer:
    """The peer, with two tables of its own."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self.engine: Engine = create_engine(url, connect_args={"ssl_context": False})
        Base.metadata.create_all(self.engine)
        self._sessions = sessionmaker(self.engine)
        with self._sessions.begin() as session:
            session.add(Person(email=email, password_hash=hasher.hash(password), role="admin"))
        self.handler = Mangum(self._app(), lifespan="off")

    def trips(self, action: Callable[[], object]) -> int:
        """Begin, every statement and the end of a transaction: each is a round trip, of pg8000 sometimes two."""
        seen: list[str] = []
        listeners: dict[str, Callable[..., None]] = {
            name: lambda *_: seen.append("") for name in ("begin", "before_cursor_execute", "commit", "rollback")
        }
        for name, listener in listeners.items():
            event.listen(self.engine, name, listener)
        action()
        for name, listener in listeners.items():
            event.remove(self.engine, name, listener)
        return len(seen)

    def _app(self) -> FastAPI:
        app = FastAPI()

        def login(body: Login) -> dict[str, Any]:
            with self._sessions.begin() as session:
                person = session.scalar(select(Person).where(Person.email == body.email))
                try:
                    hasher.verify(person.password_hash if person else "", body.password)
                except VerificationError:
                    raise HTTPException(401) from None
                if person is None:
                    raise HTTPException(401)
                person.last_login_at = datetime.now(UTC).replace(tzinfo=None)
                return tokens_for(session, person)

        def refresh(body: Refresh) -> dict[str, Any]:
            with self._sessions.begin() as session:
                wanted = select(RefreshToken).where(RefreshToken.token_hash == _hash(body.refresh_token))
                found = session.scalar(wanted.with_for_update())
                now = datetime.now(UTC).replace(tzinfo=None)
                if found is None or found.used_at is not None or found.expires_at <= now:
                    raise HTTPException(401)
                found.used_at = now
                return tokens_for(session, found.person)

        app.post("/login")(login)
        app.post("/refresh")(refresh)
        return app
