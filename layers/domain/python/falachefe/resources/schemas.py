"""Base classes and field types of resources' schemas."""

import re
from collections.abc import Callable, Collection
from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    create_model,
)
from pydantic.fields import FieldInfo

from falachefe.kernel.brazil import canonical_phone, parse_phone
from falachefe.kernel.display_names import name_problem
from falachefe.kernel.errors import InvalidValue
from falachefe.kernel.money import MAX_AMOUNT, money
from falachefe.kernel.text import one_line, paragraphs
from falachefe.resources.merge_patch_fields import patch_annotation


class Input(BaseModel):
    """A body. Unknown fields are refused, so nothing is assigned that is not declared."""

    model_config = ConfigDict(extra="forbid")


class Document(BaseModel):
    """What every resource shows of a row. `deleted_at` is set where deleted rows were asked for."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    version: int


def partial_of(
    schema: type[BaseModel], *, without: Collection[str] = (), replaced: Collection[str] = ()
) -> type[BaseModel]:
    """The merge patch of an input: every field may be absent, and null only where the field itself allows it.

    A field with an object takes a patch of that object (`MergePatch`), except those in `replaced`.
    """
    fields: dict[str, Any] = {
        name: (annotation_of(field) if name in replaced else patch_annotation(annotation_of(field)), _absent(field))
        for name, field in schema.model_fields.items()
        if name not in without
    }
    made: type[BaseModel] = create_model(f"{schema.__name__}Patch", __base__=Input, **fields)
    return made


def annotation_of(field: FieldInfo) -> Any:
    """A field's type with its validators."""
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def is_text(annotation: Any) -> bool:
    """Whether a field is free text, not an enumeration, id or date."""
    if get_origin(annotation) is Annotated:
        return is_text(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return all(is_text(one) for one in get_args(annotation) if one is not type(None))
    return annotation is str


def _absent(field: FieldInfo) -> Any:
    # Never read, as absent fields are not in `model_fields_set`. A factory keeps the default out of the JSON schema.
    return Field(default_factory=lambda: None, description=field.description, examples=field.examples)


_A_DATE: Final = "Use uma data como 2026-11-22."


def _iso_date(value: object) -> object:
    """Refuses numbers, which pydantic would parse as seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise InvalidValue(_A_DATE)
    if not isinstance(value, str | date):
        raise InvalidValue(_A_DATE)
    return value


def _moment(value: object) -> object:
    """Accepts only date and time as text: Pydantic would read a number as seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", value)):
        return value
    raise InvalidValue("Use uma data com hora, como 2026-11-22T12:00:00-03:00.")


def _plain_amount(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise InvalidValue("Use um número decimal, como 150.00.")
    return value


def _month(value: object) -> object:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", value):
        raise InvalidValue("Use um mês como 2026-11.")
    return f"{value}-01"


def _cleaned(clean: Callable[[str], str]) -> BeforeValidator:
    return BeforeValidator(lambda value: clean(value) if isinstance(value, str) else value)


def _name(value: Any) -> Any:
    if isinstance(value, str) and (objection := name_problem(value)):
        raise InvalidValue(objection)
    return value


NO_LINK_IN_NAME: Final = AfterValidator(_name)
"""For names of people and companies, which appear in e-mails. Must follow the cleaning of the text."""


def parse_phone_filter(value: object) -> object:
    """A phone in any notation, or as stored if it is not a valid number. An unescaped `+` in a query arrives as a
    space."""
    if not isinstance(value, str):
        return value
    text = f"+{value.strip()}" if re.match(r"\s+[0-9]", value) else value
    for read in (parse_phone, canonical_phone):
        try:
            return read(text)
        except ValueError:
            continue
    raise InvalidValue("Use um telefone com DDD.")


ON_ONE_LINE: Final = _cleaned(one_line)
"""For one-line texts with other lengths than `Line`."""
WITH_PARAGRAPHS: Final = _cleaned(paragraphs)
Line = Annotated[str, ON_ONE_LINE, Field(min_length=1, max_length=200)]
"""One-line text without control characters."""
Prose = Annotated[str, WITH_PARAGRAPHS, Field(max_length=4000)]
"""Text with its line breaks."""
LineFilter = Annotated[str, ON_ONE_LINE]
"""The text of a filter, normalized as one-line texts are stored."""
PhoneFilter = Annotated[str, BeforeValidator(parse_phone_filter)]
Amount = Annotated[Decimal, BeforeValidator(_plain_amount)]
"""Money as a decimal string; numbers are accepted too, booleans are not. Each package sets its own bounds."""
Price = Annotated[
    Decimal, Field(ge=0, le=MAX_AMOUNT, decimal_places=2), BeforeValidator(_plain_amount), AfterValidator(money)
]
"""An `Amount` of zero or more in whole cents that fits its column."""
IsoDate = Annotated[date, BeforeValidator(_iso_date)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""A date with time and offset."""
Month = Annotated[
    date,
    BeforeValidator(_month),
    PlainSerializer(lambda first: f"{first:%Y-%m}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$", "examples": ["2026-11"]}),
]
"""A month as its first day; on the API `2026-11`."""
