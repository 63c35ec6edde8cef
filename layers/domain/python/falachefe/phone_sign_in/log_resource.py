"""The log of sign-in attempts by phone as a read-only REST resource."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from falachefe.audit.rules import masked_address
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.brazil import mask_phone
from falachefe.phone_sign_in.models import WhatsappAuthLog
from falachefe.resources.declaration import Hooks, Resource
from falachefe.resources.schemas import Document, Input, parse_phone_filter


class AuthLogOut(Document):
    """One attempt to sign in by WhatsApp, or a sign-out."""

    phone: Annotated[str, Field(description="Masked", examples=["+55******21"])]
    user_id: UUID | None
    method: Literal["verification_code", "session", "resend", "new_contact", "logout"]
    success: bool
    error_code: Annotated[str | None, Field(examples=["wrong_code"])]
    address: Annotated[
        str | None,
        Field(description="IP address, masked to /24 (IPv6: /48); null for the chat", examples=["203.0.113.0"]),
    ]
    user_agent: str | None


def _masked(value: object) -> object:
    """The masked phone of a filter, which may have been given masked or in full."""
    if isinstance(value, str) and "*" in value:
        return re.sub(r"^\s+", "+", value)  # an unescaped + in a query arrives as a space
    return mask_phone(str(parse_phone_filter(value)))


def _addresses(_: RequestUnitOfWork, rows: Sequence[WhatsappAuthLog]) -> list[Mapping[str, Any]]:
    return [{"address": masked_address(str(row.ip_address)) if row.ip_address else None} for row in rows]


AUTH_LOGS: Final = Resource[WhatsappAuthLog, Input, AuthLogOut](
    name="auth-logs",
    singular="auth_log",
    context="auth",
    domain="admin",
    model=WhatsappAuthLog,
    read=AuthLogOut,
    actions=frozenset({"read"}),
    columns={"phone": "masked_phone", "method": "auth_method"},
    filter_types={"phone": Annotated[str, BeforeValidator(_masked)]},
    filter_by=("success", "method", "error_code", "user_id", "phone", "created_at"),
    aliases={"start": "created_at__gte", "end": "created_at__lte"},
    hooks=Hooks(extras=_addresses),
)
