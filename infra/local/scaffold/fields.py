"""The fields of a new resource: `name:text amount:money due:date notes:prose?`, `?` for an optional one."""

import keyword
import re
from dataclasses import dataclass
from typing import Final

from infra.local.console import Refused

_OF_EVERY_ROW: Final = {"id", "company_id", "created_at", "updated_at", "deleted_at", "version"}
_OF_LISTS: Final = {"page", "limit", "cursor", "search", "sort", "fields", "total", "include_deleted"}
_OF_TYPES: Final = {"date", "bool", "int", "str", "metadata", "registry"}


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of field is written in the model, the revision and the schemas."""

    mapped: str
    column: str
    given: str
    """The type in an input schema; output schemas have the model's type, except for money."""
    example: str
    """An example value in a body, as JSON."""
    of_model: str = ""
    """The import that the model needs."""
    of_schemas: str = ""
    extra: str = ""
    """The arguments of the model's column beyond its type."""


_RESOURCE_SCHEMAS: Final = "from falachefe.resources.schemas import"
KINDS: Final = {
    "text": Kind("str", "sa.Text()", "Line", '"Exemplo"', of_schemas=f"{_RESOURCE_SCHEMAS} Line"),
    "prose": Kind("str", "sa.Text()", "Prose", '"Um exemplo."', of_schemas=f"{_RESOURCE_SCHEMAS} Prose"),
    "money": Kind(
        "Decimal",
        "sa.Numeric(14, 2)",
        "Price",
        '"150.00"',
        "from decimal import Decimal\nfrom falachefe.db.base import MONEY",
        f"{_RESOURCE_SCHEMAS} Price",
        " = mapped_column(MONEY)",
    ),
    "date": Kind(
        "date", "sa.Date()", "IsoDate", '"2026-12-01"', "from datetime import date", f"{_RESOURCE_SCHEMAS} IsoDate"
    ),
    "number": Kind(
        "int",
        "sa.Integer()",
        "Annotated[int, Field(ge=0, le=2_147_483_647)]",
        "3",
        of_schemas="from typing import Annotated\nfrom pydantic import Field",
    ),
    "flag": Kind("bool", "sa.Boolean()", "bool", "true"),
}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    of: str
    """The name of its kind."""
    optional: bool

    @property
    def kind(self) -> Kind:
        return KINDS[self.of]

    @property
    def _none(self) -> str:
        return " | None" if self.optional else ""

    def in_model(self) -> str:
        return f"    {self.name}: Mapped[{self.kind.mapped}{self._none}]{self.kind.extra}\n"

    def in_revision(self) -> str:
        return f'        sa.Column("{self.name}", {self.kind.column}, nullable={self.optional}),\n'

    def in_input(self) -> str:
        return f"    {self.name}: {self.kind.given}{self._none}{' = None' if self.optional else ''}\n"

    def in_output(self) -> str:
        shown = {"money": "Price", "date": "IsoDate"}.get(self.of, self.kind.mapped)
        return f"    {self.name}: {shown}{self._none}\n"


def read_fields(given: str | None) -> list[Field]:
    """Parses fields in the given order. Raises `Refused` for a malformed one."""
    fields = [_field(one) for one in (given or "").split()]
    if not fields:
        raise Refused("fields is missing: fields='name:text amount:money due:date notes:prose?'")
    names = [field.name for field in fields]
    if twice := {name for name in names if names.count(name) > 1}:
        raise Refused(f"fields: {', '.join(sorted(twice))} is there twice")
    if all(field.optional for field in fields):
        raise Refused("fields: at least one must be required, or an empty body would make a row")
    return fields


def _field(given: str) -> Field:
    found = re.fullmatch(r"([a-z][a-z0-9_]*):([a-z]+)(\??)", given)
    if not found or found[2] not in KINDS:
        raise Refused(f"fields: {given!r} is no <name>:<kind>; the kinds are {', '.join(KINDS)}, with ? if optional")
    name, kind, optional = found.groups()
    if name in _OF_EVERY_ROW | _OF_LISTS | _OF_TYPES or keyword.iskeyword(name) or len(name) > 40:
        raise Refused(f"fields: {name} has a meaning of its own; choose another name")
    return Field(name, kind, bool(optional))
