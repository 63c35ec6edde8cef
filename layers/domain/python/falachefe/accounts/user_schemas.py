"""Schemas of users and of a company's roles on the API."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypedDict
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema

from falachefe.accounts import rules as user_rules
from falachefe.http.fields import Email
from falachefe.http.schemas import Id
from falachefe.kernel.brazil import parse_phone
from falachefe.kernel.errors import InvalidValue
from falachefe.resources.schemas import NO_LINK_IN_NAME, ON_ONE_LINE, Document, Input, Prose

type BaseRole = Literal["superadmin", "admin", "user"]
type State = Literal["active", "inactive"]


def _phone(value: str) -> str:
    try:
        return parse_phone(value)
    except ValueError:
        raise InvalidValue("Use um telefone com DDD.") from None


def _note(value: dict[str, Any]) -> dict[str, Any]:
    if problem := user_rules.metadata_problem(value):
        raise InvalidValue(problem)
    return value


PartOfName = Annotated[str, ON_ONE_LINE, Field(min_length=1, max_length=80, examples=["Marina"]), NO_LINK_IN_NAME]
Username = Annotated[str, Field(pattern=user_rules.USERNAME, examples=["marina.alves"])]
Phone = Annotated[str, Field(max_length=30, examples=["+5511987651234"]), AfterValidator(_phone)]
Metadata = Annotated[
    dict[str, Any],
    AfterValidator(_note),
    Field(examples=[{"crmv": "SP-12345"}]),
    WithJsonSchema({"type": "object", "additionalProperties": True, "examples": [{"crmv": "SP-12345"}]}),
]
RoleName = Annotated[str, ON_ONE_LINE, Field(min_length=2, max_length=60, examples=["Gerente"])]
Permission = Annotated[str, Field(max_length=80, examples=["suppliers.read"])]


class UserIn(Input):
    """With an e-mail the person is invited to choose a password; with a phone alone they sign in by WhatsApp."""

    first_name: PartOfName
    last_name: PartOfName | None = None
    username: Username | None = None
    email: Annotated[Email, Field(examples=["marina@example.com"])] | None = None
    phone: Phone | None = None
    role: BaseRole = "user"
    metadata: Metadata = Field(default_factory=dict)


class UserChange(UserIn):
    """What of a person can be changed."""

    status: State = "active"


class RoleOfUser(TypedDict):
    id: Id
    name: Annotated[str, Field(examples=["Veterinário"])]


class RolesOfUser(TypedDict):
    data: list[RoleOfUser]


class UserOut(Document):
    name: Annotated[str, Field(examples=["Marina Alves"])]
    first_name: str | None
    last_name: str | None
    username: str | None
    email: str | None
    phone: str | None
    role: BaseRole
    status: State
    email_verified: bool = False
    email_verified_at: datetime | None
    last_login_at: datetime | None
    metadata: dict[str, Any]
    invited: bool = False
    """Has an e-mail, and has not been in by it yet."""
    roles: list[RoleOfUser] = Field(default_factory=list)
    """Those of the company, on top of `role`."""


class RoleIn(Input):
    name: RoleName
    description: Annotated[Prose, Field(max_length=500)] | None = None
    parent_id: UUID | None = None
    permissions: list[Permission] = Field(default_factory=list, max_length=300)


class RoleOut(Document):
    name: str
    description: str | None
    kind: Literal["own", "clinic"]
    parent_id: UUID | None
    permissions: list[str]
    inherited: list[str] = Field(default_factory=list)
    """What the roles above it give as well."""
    users: int = 0
    """How many people have it."""
