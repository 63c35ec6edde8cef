"""Sends the e-mails of accounts that the queue asks for.

A queue message that is delivered twice produces the same link, so a repetition does no harm.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from falachefe.accounts.mail import texts as mail_texts
from falachefe.accounts.mail.texts import Mail
from falachefe.accounts.mail.tokens import MailTokens, Purpose
from falachefe.accounts.models import User
from falachefe.companies.service import company
from falachefe.db.engine import Database
from falachefe.kernel.clock import Clock
from falachefe.kernel.config import Settings

_MAX_ACCOUNTS: Final = 5
"""The accounts of one address that a request by address mails to."""


@dataclass(frozen=True)
class MailSettings(Settings):
    app_url: str
    email_from: str


class Mailer(Protocol):
    def send(self, to: str, mail: Mail) -> None: ...


class SesMailer:
    def __init__(self, client: Callable[[], Any], sender: str) -> None:
        self._client = client
        self._sender = sender

    def send(self, to: str, mail: Mail) -> None:
        def content(data: str) -> dict[str, str]:
            return {"Data": data, "Charset": "UTF-8"}

        self._client().send_email(
            FromEmailAddress=self._sender,
            Destination={"ToAddresses": [to]},
            Content={
                "Simple": {
                    "Subject": content(mail.subject),
                    "Body": {"Text": content(mail.text), "Html": content(mail.html)},
                }
            },
        )


@dataclass(frozen=True, slots=True)
class _Recipient:
    company_id: UUID
    user_id: UUID
    name: str
    email: str
    company_name: str
    password_hash: str | None
    verified: bool


class MailWorker:
    def __init__(
        self, database: Database, tokens: MailTokens, mailer: Mailer, settings: MailSettings, clock: Clock
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._mailer = mailer
        self._app_url = settings.app_url
        self._clock = clock

    def __call__(self, mail: Mapping[str, Any]) -> None:
        """Sends what a queue message asks for; nothing to a user who is inactive, deleted or has no e-mail."""
        kind = mail["kind"]
        for company_id, user_id in self._people(mail):
            with self._database.tenant(company_id) as session:
                person = _load_recipient(session, company_id, user_id)
            if person is not None and not _needless(kind, person):
                # To the stored address, never to the typed one: the two may differ in more than case.
                self._mailer.send(person.email, self._mail(kind, str(mail["id"]), person))

    def _people(self, mail: Mapping[str, Any]) -> list[tuple[UUID, UUID]]:
        if "email" not in mail:
            return [(UUID(mail["company_id"]), UUID(mail["user_id"]))]
        with self._database.no_tenant() as session:
            found = session.execute(
                text("select company_id, user_id from directory.logins_of(:email) order by user_id limit :most"),
                {"email": mail["email"], "most": _MAX_ACCOUNTS},
            )
            return [(row.company_id, row.user_id) for row in found]

    def _mail(self, kind: str, mail: str, person: _Recipient) -> Mail:
        shown = (person.name, person.company_name, self._app_url)
        match kind:
            case "verification" | "verification_requested":
                state = self._tokens.state(person.email)
                return mail_texts.verification(*shown, self._token(Purpose.VERIFY, mail, person, state))
            case "reset_requested":
                return mail_texts.reset(*shown, self._password_token(Purpose.RESET, mail, person))
            case "invitation":
                return mail_texts.invitation(*shown, self._password_token(Purpose.INVITE, mail, person))
            case "password_changed":
                return mail_texts.password_changed(*shown)
        raise ValueError(f"no mail is called {kind}")

    def _password_token(self, purpose: Purpose, mail: str, person: _Recipient) -> str:
        state = self._tokens.password_state(person.email, person.password_hash)
        return self._token(purpose, mail, person, state)

    def _token(self, purpose: Purpose, mail: str, person: _Recipient, state: str) -> str:
        return self._tokens.make(
            purpose,
            person.company_id,
            person.user_id,
            mail=mail,
            state=state,
            now=self._clock.now(),
        )


def _needless(kind: str, person: _Recipient) -> bool:
    """Whether the e-mail is confirmed already, or the invited user has a password already."""
    return (kind.startswith("verification") and person.verified) or (
        kind == "invitation" and bool(person.password_hash)
    )


def _load_recipient(session: Session, company_id: UUID, user_id: UUID) -> _Recipient | None:
    row = session.execute(
        select(User.name, User.email, User.password_hash, User.email_verified_at).where(
            User.company_id == company_id, User.id == user_id, User.status == "active", User.deleted_at.is_(None)
        )
    ).one_or_none()
    if row is None or row.email is None:
        return None
    verified = row.email_verified_at is not None
    name = company(session, company_id).name
    return _Recipient(company_id, user_id, row.name, row.email, name, row.password_hash, verified)
