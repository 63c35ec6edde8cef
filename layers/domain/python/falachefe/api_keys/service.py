"""Creating, rotating and revoking API keys, and their REST resource. Authentication is in `api_keys.authenticator`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from falachefe.access.role_rules import check_holds_all
from falachefe.accounts.models import User
from falachefe.api_keys import rules
from falachefe.api_keys.authenticator import generate
from falachefe.api_keys.models import ApiKey
from falachefe.api_keys.schemas import ApiKeyIn, ApiKeyOut
from falachefe.audit import service as audit
from falachefe.audit.rules import changed_fields
from falachefe.db.advisory_locks import take_advisory_lock
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import NotFound
from falachefe.kernel.ids import new_id
from falachefe.resources.declaration import Hooks, Resource, Values
from falachefe.resources.preconditions import check_match
from falachefe.resources.schemas import Input, partial_of

_COPIED_FIELDS: Final = ("name", "scopes", "cidrs", "limit_per_minute")


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """`text` is the key itself, for the response only."""

    id: UUID
    text: str

    def __repr__(self) -> str:
        return f"CreatedKey({self.id})"


def create(work: RequestUnitOfWork, wanted: ApiKeyIn, *, stage: str) -> CreatedKey:
    """A new key that acts as the caller.

    Raises `InvalidInput`, `Forbidden` for scopes that the caller does not hold, `Conflict` for too many keys.
    """
    rules.check_own_company(other=work.who.author_id is None)
    scopes = rules.allowed_scopes(wanted.scopes, work.who.permissions)
    rules.check_expiry(wanted.expires_at, work.now)
    _lock(work.session, work.company_id)
    rules.check_count(_count_valid(work))
    values = {**wanted.model_dump(), "scopes": scopes, "cidrs": sorted(set(wanted.cidrs))}
    made = _insert(work, values, stage)
    _note(work, made.id, "create", values)
    _record(work, made.id, "created")
    return made


def rotate(work: RequestUnitOfWork, key_id: UUID, overlap: timedelta, *, stage: str) -> CreatedKey:
    """A successor with the same scopes that acts as the caller; the old key is revoked when the overlap ends.

    Raises `Conflict` for a key that has ended or been rotated, `Forbidden` for scopes that the caller does not hold.
    """
    rules.check_own_company(other=work.who.author_id is None)
    old = _locked(work, key_id)
    rules.check_not_ended(_status(work, old, creator_active=True))
    scopes = rules.allowed_scopes(old.scopes, work.who.permissions)
    expires_at = rules.rotated_expiry(old.created_at, old.expires_at, work.now)
    made = _insert(
        work,
        {**{name: getattr(old, name) for name in _COPIED_FIELDS}, "scopes": scopes, "expires_at": expires_at},
        stage,
    )
    old.revoked_at, old.replaced_by, old.updated_at = work.now + overlap, made.id, work.now
    work.session.flush()
    _note(work, old.id, "rotate", {"revoked_at": old.revoked_at, "replaced_by": made.id})
    _record(work, old.id, "rotated")
    return made


def revoke(work: RequestUnitOfWork, key_id: UUID, if_match: str | None) -> None:
    """Revokes a key, idempotently; runtimes that cached it notice within half a minute."""
    row = _locked(work, key_id)
    check_match(if_match, row.version, required=False)
    if row.revoked_at is not None and row.revoked_at <= work.now:
        return
    row.revoked_at = row.updated_at = work.now
    work.session.flush()
    _note(work, row.id, "revoke", {"revoked_at": work.now})
    _record(work, row.id, "revoked")


def _change(work: RequestUnitOfWork, row: ApiKey, changes: Values) -> Values:
    """The caller must hold all the key's scopes, so that no user gives a key more permissions than their own."""
    rules.check_not_ended(_status(work, row, creator_active=True))
    check_holds_all(work.who.permissions, row.scopes)
    checked = dict(changes)
    if "scopes" in checked:
        checked["scopes"] = rules.allowed_scopes(checked["scopes"], work.who.permissions)
    if "cidrs" in checked:
        checked["cidrs"] = sorted(set(checked["cidrs"]))
    if "expires_at" in checked:
        rules.check_expiry(checked["expires_at"], work.now)
    return checked


def _statuses(work: RequestUnitOfWork, rows: Sequence[ApiKey]) -> list[dict[str, Any]]:
    creators = {row.created_by for row in rows}
    statement = select(User.id).where(User.company_id == work.company_id, User.id.in_(creators))
    statement = statement.where(User.status == "active", User.deleted_at.is_(None))
    active = set(work.session.execute(statement).scalars())
    return [{"status": _status(work, row, creator_active=row.created_by in active)} for row in rows]


def _status(work: RequestUnitOfWork, row: ApiKey, *, creator_active: bool) -> rules.Status:
    return rules.status(
        revoked_at=row.revoked_at, expires_at=row.expires_at, creator_active=creator_active, now=work.now
    )


def _insert(work: RequestUnitOfWork, values: Values, stage: str) -> CreatedKey:
    key, key_id = generate(stage), new_id()
    shown = {"prefix": key.prefix, "last_four": key.last_four, "key_hash": key.key_hash}
    stamps = {"company_id": work.company_id, "id": key_id, "created_at": work.now, "updated_at": work.now}
    work.session.add(ApiKey(**stamps, **shown, created_by=work.who.author_id, **values))
    work.session.flush()
    return CreatedKey(key_id, key.text)


def _locked(work: RequestUnitOfWork, key_id: UUID) -> ApiKey:
    statement = select(ApiKey).where(ApiKey.company_id == work.company_id, ApiKey.id == key_id)
    statement = statement.where(ApiKey.deleted_at.is_(None)).with_for_update(key_share=True)
    row = work.session.execute(statement).scalar_one_or_none()
    if row is None:
        raise NotFound("Este registro não existe.")
    return row


def _lock(session: Session, company_id: UUID) -> None:
    """Serializes the creation of keys, so that concurrent requests cannot exceed `MAX_KEYS`."""
    take_advisory_lock(session, f"api_keys:{company_id}")


def _count_valid(work: RequestUnitOfWork) -> int:
    statement = (
        select(func.count())
        .select_from(ApiKey)
        .where(
            ApiKey.company_id == work.company_id,
            ApiKey.deleted_at.is_(None),
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > work.now),
        )
    )
    return work.session.execute(statement).scalar_one()


def _note(work: RequestUnitOfWork, key_id: UUID, action: str, after: Values) -> None:
    audit.note(work, action=action, resource=API_KEYS.name, resource_id=key_id, changes=changed_fields({}, after))


def _record(work: RequestUnitOfWork, key_id: UUID, done: str) -> None:
    work.record(API_KEYS.event(done), {"api_key_id": str(key_id)})


API_KEYS: Final = Resource[ApiKey, Input, ApiKeyOut](
    name="api-keys",
    singular="api_key",
    context="auth",
    domain="admin",
    model=ApiKey,
    read=ApiKeyOut,
    update=partial_of(ApiKeyIn),
    actions=frozenset({"read", "update"}),
    filter_by=("name", "created_by", "created_at", "expires_at", "revoked_at", "last_used_at", "replaced_by"),
    sort_by=("name", "created_at", "expires_at", "last_used_at"),
    search_in=("name",),
    composed=True,
    hooks=Hooks(before_update=_change, extras=_statuses),
)
"""Without `create`: the toolkit stores responses for repetitions, and a response with a key must not be stored."""
