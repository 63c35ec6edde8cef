"""Schemas of API keys."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field

from falachefe.accounts.user_schemas import Permission
from falachefe.api_keys import rules
from falachefe.kernel.errors import InvalidValue
from falachefe.resources.schemas import Document, Input, Line

_DAY_S: Final = 86_400


def _network(text: str) -> str:
    try:
        return rules.network(text)
    except ValueError:
        raise InvalidValue("Use uma rede como 203.0.113.0/24 ou 2001:db8::/32.") from None


Network = Annotated[str, Field(max_length=50, examples=["203.0.113.0/24"]), AfterValidator(_network)]


class ApiKeyIn(Input):
    name: Annotated[Line, Field(max_length=80, examples=["Integração contábil"])]
    scopes: Annotated[list[Permission], Field(min_length=1, max_length=200, examples=[["transactions.read"]])]
    cidrs: Annotated[
        list[Network], Field(max_length=50, description="Networks that it may be used from; an empty list allows all")
    ] = Field(default_factory=list)
    limit_per_minute: Annotated[int, Field(ge=1, le=1000)] = 100
    expires_at: Annotated[AwareDatetime | None, Field(examples=["2027-11-22T12:00:00Z"])] = None


class RotationIn(Input):
    overlap_s: Annotated[
        int,
        Field(
            ge=0, le=int(rules.MAX_OVERLAP.total_seconds()), description="For how many seconds the old key stays valid"
        ),
    ] = _DAY_S


class ApiKeyOut(Document):
    name: Annotated[str, Field(examples=["Integração contábil"])]
    prefix: Annotated[str, Field(examples=["fck_prod_4fGt"])]
    last_four: Annotated[str, Field(examples=["x9Qz"])]
    scopes: Annotated[list[str], Field(examples=[["transactions.read"]])]
    cidrs: list[str]
    limit_per_minute: int
    expires_at: datetime | None
    revoked_at: Annotated[datetime | None, Field(description="In the future for a rotated key during its overlap")]
    last_used_at: Annotated[datetime | None, Field(description="Accurate to the minute")]
    created_by: UUID
    replaced_by: UUID | None
    status: Annotated[rules.Status, Field(examples=["active"])]


class ShownApiKey(ApiKeyOut):
    """The only response that contains the key itself."""

    key: Annotated[
        str | None,
        Field(
            description="Shown only once. Null when the request is repeated with its Idempotency-Key, because the key "
            "is not stored: if the response was lost, rotate the key",
            examples=["fck_prod_4fGtWZ0n8yVbRkMq2cJx7LdPhSaE5uTo0fQx9Q"],
        ),
    ]
