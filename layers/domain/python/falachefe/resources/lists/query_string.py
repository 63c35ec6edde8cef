"""Parses a list's query string. Undeclared parameters are refused, not ignored."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from pydantic import ValidationError

from falachefe.http.principal import Principal
from falachefe.http.validation import message
from falachefe.kernel.errors import FieldError, Forbidden, InvalidInput
from falachefe.resources import specifications as spec
from falachefe.resources.declaration import Resource
from falachefe.resources.specifications import AllOf, OnDay, Operator, Specification, Where

LARGEST_PAGE: Final = 100
DEFAULT_PAGE: Final = 50
LARGEST_NUMBER: Final = 10_000
"""Later pages need a cursor, as an offset reads all rows that it skips."""
MAX_VALUE_LENGTH: Final = 200
MAX_LIST_LENGTH: Final = 20 * MAX_VALUE_LENGTH
MOST_VALUES: Final = 100
_PLAIN: Final[Mapping[str, Operator]] = {
    "": Operator.EQ,
    "gte": Operator.GE,
    "lte": Operator.LE,
    "in": Operator.IN,
    "isnull": Operator.IS_NULL,
}
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_RESERVED: Final = frozenset({"page", "limit", "cursor", "search", "sort", "fields", "include_deleted", "total"})
_TRUE, _FALSE = ("true", "1"), ("false", "0")


@dataclass(frozen=True, slots=True)
class Order:
    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """`field__like=`: case and accents do not matter, `%` stands for any text, `\\%` for itself."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class ListQuery:
    page: int
    limit: int
    cursor: str | None
    search: str
    order: tuple[Order, ...]
    where: Specification
    patterns: tuple[Pattern, ...]
    fields: frozenset[str] | None
    include_deleted: bool
    total: bool


def refusal(name: str, message: str) -> InvalidInput:
    return InvalidInput("Há parâmetros inválidos na consulta.", errors=(FieldError(name, message),))


def suffixes(resource: Resource[Any, Any, Any], field: str) -> tuple[str, ...]:
    """The suffixes of a field's filters: `""` for `field=`, `"gte"` for `field__gte=`."""
    kind = resource.column(field).type.python_type
    if kind is bool:
        return tuple(suffix for suffix in _PLAIN if suffix not in ("gte", "lte"))  # yes and no have no order
    return (*_PLAIN, "like") if kind is str else tuple(_PLAIN)


def parse(resource: Resource[Any, Any, Any], query: Mapping[str, Sequence[str]], who: Principal) -> ListQuery:
    """Raises `InvalidInput` naming the parameter, and `Forbidden` for fields the caller may not use."""
    given = {name: _text(name, values) for name, values in query.items()}
    given = {resource.aliases.get(name, name): value for name, value in given.items()}
    filters = {name: value for name, value in given.items() if name not in _RESERVED}
    cursor = given.get("cursor")
    if cursor is not None and "page" in given:
        raise refusal("cursor", "Use page ou cursor, não os dois.")
    include_deleted = _yes_or_no("include_deleted", given.get("include_deleted", "false"))
    if include_deleted and not who.may(resource.permission("restore")):
        raise Forbidden("Só quem pode restaurar vê o que foi excluído.", code="permission_denied")
    conditions, patterns = _filters(resource, filters, who)
    return ListQuery(
        page=_number("page", given.get("page", "1"), LARGEST_NUMBER),
        limit=_number("limit", given.get("limit", str(DEFAULT_PAGE)), LARGEST_PAGE),
        cursor=cursor,
        search=_search(resource, given.get("search")),
        order=_order(resource, given.get("sort", resource.default_sort), who),
        where=AllOf(tuple(conditions)),
        patterns=tuple(patterns),
        fields=_fields(resource, given.get("fields")),
        include_deleted=include_deleted,
        total=_yes_or_no("total", given.get("total", "true")),
    )


def _text(name: str, values: Sequence[str]) -> str:
    if len(values) != 1:
        raise refusal(name, "Envie este parâmetro uma vez só.")
    (value,) = values
    many = name.endswith("__in") or name in ("fields", "sort", "cursor")
    longest = MAX_LIST_LENGTH if many else MAX_VALUE_LENGTH
    if len(value) > longest:
        raise refusal(name, f"O valor passa de {longest} caracteres.")
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
        raise refusal(name, "O valor tem caracteres que não se podem guardar.")
    return value


def _number(name: str, value: str, largest: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 9 and 1 <= int(value) <= largest):
        raise refusal(name, f"Use um número de 1 a {largest}.")
    return int(value)


def _yes_or_no(name: str, value: str) -> bool:
    if value.lower() not in _TRUE + _FALSE:
        raise refusal(name, "Use true ou false.")
    return value.lower() in _TRUE


def _search(resource: Resource[Any, Any, Any], value: str | None) -> str:
    if value is not None and not resource.search_in:
        raise refusal("search", "Aqui não há busca por texto.")
    return (value or "").strip()


def _order(resource: Resource[Any, Any, Any], value: str, who: Principal) -> tuple[Order, ...]:
    found: dict[str, Order] = {}
    for part in value.split(","):
        name = part.strip().removeprefix("-")
        if name not in resource.sort_by or not resource.visible(name, who):
            raise refusal("sort", f"Ordene por: {', '.join(resource.sort_by)}.")
        found.setdefault(name, Order(name, part.strip().startswith("-")))
    return tuple(found.values())


def _fields(resource: Resource[Any, Any, Any], value: str | None) -> frozenset[str] | None:
    if value is None:
        return None
    names = frozenset(part.strip() for part in value.split(","))
    if unknown := names - set(resource.read.model_fields):
        raise refusal("fields", f"Campos desconhecidos: {', '.join(sorted(unknown))[:MAX_VALUE_LENGTH]}.")
    return names | {"id"}


def _filters(
    resource: Resource[Any, Any, Any], filters: Mapping[str, str], who: Principal
) -> tuple[list[Specification], list[Pattern]]:
    conditions: list[Specification] = []
    patterns: list[Pattern] = []
    for name, value in filters.items():
        field, _, suffix = name.partition("__")
        if field not in resource.filter_by or not resource.visible(field, who):
            raise refusal(name, f"Parâmetro desconhecido. Filtre por: {', '.join(resource.filter_by)}.")
        if suffix not in suffixes(resource, field) or (name.endswith("__") and not suffix):
            raise refusal(name, "Não há este tipo de filtro para este campo.")
        if suffix == "like":
            patterns.append(Pattern(field, value))
        elif suffix == "isnull":
            empty = _yes_or_no(name, value)
            conditions.append(spec.is_null(field) if empty else spec.is_not_null(field))
        else:
            conditions.append(_condition(resource, name, field, _PLAIN[suffix], value))
    return conditions, patterns


def _condition(
    resource: Resource[Any, Any, Any], name: str, field: str, operator: Operator, value: str
) -> Specification:
    if operator is Operator.IN:
        parts = _listed(name, value)
        if len(parts) > MOST_VALUES:
            raise refusal(name, f"Informe no máximo {MOST_VALUES} valores.")
        return Where(field, operator, tuple(_read(resource, name, field, part) for part in parts))
    if _DAY.fullmatch(value) and resource.column(field).type.python_type is datetime:
        return OnDay(field, operator, _day(name, value))
    return Where(field, operator, _read(resource, name, field, value, part=operator is not Operator.EQ))


def _day(name: str, value: str) -> date:
    """The day of a filter; refuses the first and last of the calendar, whose time zone offsets would overflow."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise refusal(name, "Informe uma data que exista, como 2026-11-20.") from None
    if day in (date.min, date.max):
        raise refusal(name, "A data está fora do calendário.")
    return day


def _listed(name: str, value: str) -> list[str]:
    """Values separated by commas; one with a comma is in quotes, as in CSV (RFC 4180)."""
    try:
        return next(csv.reader([value], strict=True), [""]) or [""]
    except csv.Error:
        raise refusal(
            name, 'Separe os valores por vírgulas; um valor que tem vírgula vai entre aspas ("a,b").'
        ) from None


def _read(resource: Resource[Any, Any, Any], name: str, field: str, value: str, *, part: bool = False) -> Any:
    """The value parsed with the field's type. `part`: a bound, which may be an incomplete value (`cnpj__gte=11`)."""
    try:
        found = resource.filter_type(field).validate_strings(value)
    except ValidationError as error:
        if not part:
            raise refusal(name, message(error.errors()[0])) from None
        found = _read_bound(resource, name, field, value)
    if found is None:
        raise refusal(name, "Para perguntar por nada, use __isnull.")
    return found.lower() if field in resource.case_insensitive else found


def _read_bound(resource: Resource[Any, Any, Any], name: str, field: str, value: str) -> Any:
    try:
        return resource.value_type(field).validate_strings(value)
    except ValidationError as error:
        raise refusal(name, message(error.errors()[0])) from None
