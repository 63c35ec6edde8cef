"""Rules for employees and time off, and matching of employees by name. Pure."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from falachefe.kernel.errors import Conflict, invalid_field
from falachefe.kernel.money import format_brl, money
from falachefe.kernel.text import fold, one_line

MAX_NAME_LENGTH: Final = 120
MAX_REASON_LENGTH: Final = 300
MAX_SALARY: Final = Decimal("999999.99")
MAX_TIME_OFF_DAYS: Final = 180
"""Maternity leave in the Empresa Cidadã programme, the longest leave that is requested."""
MAX_TIME_OFF_AHEAD: Final = timedelta(days=730)
MAX_ABSENCE_BACK: Final = timedelta(days=366)
MAX_ABSENCE_AHEAD: Final = timedelta(days=60)
"""An absence may also be announced in advance."""

STATUS_LABELS: Final = {"active": "Em atividade", "on_leave": "Afastado(a)", "dismissed": "Desligado(a)"}
TIME_OFF_LABELS: Final = {
    "pending": "Pendente",
    "approved": "Aprovada",
    "rejected": "Recusada",
    "cancelled": "Cancelada",
    "registered": "Registrada",
}
_DECISIONS: Final = {"pending": {"approved", "rejected", "cancelled"}, "approved": {"cancelled"}}
"""Allowed changes of a request's status; an absence is cancelled by deleting it."""
_FORMS_OF_ADDRESS: Final = frozenset(
    {"o", "a", "os", "as", "do", "da", "de", "dos", "das", "e", "sr", "sra", "seu", "dona", "dr", "dra"}
    | {"senhor", "senhora", "funcionario", "funcionaria", "colaborador", "colaboradora"}
)


def person_name(name: str) -> str:
    shown = one_line(name)
    if len(shown) < 2 or not re.search(r"[^\W\d_]", shown):
        raise invalid_field("name", "Diga o nome da pessoa.", "name_empty")
    if len(shown) > MAX_NAME_LENGTH:
        raise invalid_field("name", f"O nome passa de {MAX_NAME_LENGTH} caracteres.", "name_long")
    return shown


def position(title: str) -> str:
    shown = one_line(title)
    if not shown:
        raise invalid_field("position", "Diga qual é o cargo.", "position_empty")
    if len(shown) > MAX_NAME_LENGTH:
        raise invalid_field("position", f"O cargo passa de {MAX_NAME_LENGTH} caracteres.", "position_long")
    return shown


def salary(amount: Decimal | None) -> Decimal | None:
    if amount is None:
        return None
    if not amount.is_finite() or amount <= 0:
        raise invalid_field("salary", "O salário precisa ser maior que zero.", "salary_not_positive")
    if amount > MAX_SALARY:
        raise invalid_field("salary", f"O salário passa do máximo de {format_brl(MAX_SALARY)}.", "salary_too_large")
    return money(amount)


def reason(text: str | None) -> str | None:
    shown = one_line(text or "")
    if len(shown) > MAX_REASON_LENGTH:
        raise invalid_field("reason", f"O motivo passa de {MAX_REASON_LENGTH} caracteres.", "reason_long")
    return shown or None


def words_of(name: str) -> tuple[str, ...]:
    """A name's words for comparing, without articles and forms of address (`a dona Márcia` → `marcia`)."""
    words = re.findall(r"[^\W_]+", fold(name))
    return tuple(w for w in words if w not in _FORMS_OF_ADDRESS) or tuple(words)


def match_names(wanted: str, names: Sequence[str]) -> list[int]:
    """The indexes of the `names` that `wanted` matches, by the best kind of match that exists.

    Best first: the whole name; the first name; all words in order; prefixes of words in order (`jo sil` for João
    Silva). Accents, case and articles are ignored. More than one index means that the name is ambiguous.
    """
    asked = words_of(wanted)
    known = [words_of(name) for name in names]
    kinds = (
        lambda words: words == asked,
        lambda words: len(asked) == 1 and words[:1] == asked,
        lambda words: _in_order(asked, words, whole=True),
        lambda words: _in_order(asked, words, whole=False),
    )
    for fits in kinds:
        found = [index for index, words in enumerate(known) if words and fits(words)]
        if asked and found:
            return found
    return []


def _in_order(asked: Sequence[str], words: Sequence[str], *, whole: bool) -> bool:
    rest = iter(words)
    return all(any(word == part if whole else word.startswith(part) for word in rest) for part in asked)


def time_off_dates(start: date, end: date, today: date) -> int:
    """The number of days, both ends included. Raises `InvalidInput` for dates out of order, too far or too long."""
    if end < start:
        raise invalid_field("end", "O último dia vem antes do primeiro.", "dates_backwards")
    if start < today:
        raise invalid_field("start", "As datas já passaram. Folga se pede com antecedência.", "dates_past")
    if start > today + MAX_TIME_OFF_AHEAD:
        raise invalid_field("start", "Essa data está longe demais: peça até dois anos antes.", "dates_far")
    days = (end - start).days + 1
    if days > MAX_TIME_OFF_DAYS:
        raise invalid_field("end", f"São {days} dias; o máximo por pedido é de {MAX_TIME_OFF_DAYS}.", "dates_long")
    return days


def time_off_decision(before: str, after: str) -> str:
    """The new status. Raises `Conflict` when the request cannot change from `before` to `after`."""
    if after != before and after not in _DECISIONS.get(before, set()):
        shown, wanted = TIME_OFF_LABELS[before].lower(), TIME_OFF_LABELS[after].lower()
        raise Conflict(f"Esta folga está {shown} e não pode ficar {wanted}.", code="time_off_decided")
    return after


def absence_date(day: date, today: date) -> date:
    if day < today - MAX_ABSENCE_BACK or day > today + MAX_ABSENCE_AHEAD:
        raise invalid_field(
            "date", f"A data {day:%d/%m}/{day.year:04d} não parece certa para uma falta.", "date_out_of_range"
        )
    return day


def same_person(name: str, other: str) -> bool:
    return words_of(name) == words_of(other)
