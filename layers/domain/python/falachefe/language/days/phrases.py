"""Words for a day or a period, and what each means on a given today. What only looks like a day is in `not_days`.

A rule's pattern finds the words in the normalised text and its reader resolves them; the first rule that matches keeps
the characters. Readers never adjust: a day that no calendar has is `impossible`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from re import Match
from typing import Final, Literal

from falachefe.kernel import brazil
from falachefe.kernel.text import fold
from falachefe.language.days.calendar import (
    Prefer,
    add_months,
    day_of_month,
    full_year,
    month_span,
    nearest_weekday,
    nearest_year,
    valid_date,
)
from falachefe.language.days.number_words import COUNTS, DAY_NUMBERS, count, day_number, longest_first
from falachefe.language.text.lexicon import MONTH_NAMES, MONTHS
from falachefe.language.text.normalize import rx

type Kind = Literal["day", "range", "impossible"]

WEEKDAYS: Final[dict[str, int]] = {fold(name): number for number, name in enumerate(brazil.WEEKDAYS)}

MONTH: Final = "|".join(MONTH_NAMES)
COUNT: Final = r"\d{1,3}|" + longest_first(COUNTS)
_SHORT = "|".join(MONTHS)
_NUMBER = longest_first(DAY_NUMBERS)
_DAY = r"(?:dia\s+)?(?P<d{n}>\d{{1,2}}|primeiro)(?:º|°|o\b)?"
_OF = (
    r"(?:\s?/\s?(?P<m{n}>\d{{1,2}})(?:\s?/\s?(?P<y{n}>\d{{4}}|\d{{2}}))?(?!\d)"
    r"|\s?(?:\s(?:de\s+|do\s+|/\s?)?|[/-]\s?)(?P<w{n}>"
    + _SHORT
    + r")\b(?:\s*(?:de\s+|do\s+|/\s?)?(?P<v{n}>20\d{{2}})\b)?"
    r"|\s+(?:de|do|deste|desse|d[eo] este|d[eo] esse)\s+(?P<r{n}>mes passado|mes retrasado|mes anterior|mes que vem|"
    r"mes que entra|proximo mes|ultimo mes|mes atual|mes corrente|mes)\b)"
)
_SHIFTS: Final = {
    "mes passado": -1, "ultimo mes": -1, "mes anterior": -1, "mes retrasado": -2, "mes que vem": 1,
    "mes que entra": 1, "proximo mes": 1,
}  # fmt: skip
_NOT_MONEY = r"(?!\s*(?:reais|real|conto|contos|pila|pilas|mil\b|k\b|centavos))"
_RANGE = (
    r"\b(?:de |do |entre |desde |dos dias |dias |os dias )?(?:o )?"
    + _DAY.format(n=1)
    + _OF.format(n=1)
    + r"?\s*(?P<by>ate o|ate a|a|ate|ao|e|-)\s+(?:o\s+)?"
    + _DAY.format(n=2)
    + _OF.format(n=2)
    + r"?"
    + _NOT_MONEY
    + r"(?![\d,.]*\d)"
)
_RANGE_IN_WORDS = (
    r"\b(?:de |do |entre )(?:o )?(?:dia )?(?P<d1>" + _NUMBER + r") (?P<by>ate o|ate|a|ao|e) (?:o )?(?:dia )?(?P<d2>"
    + _NUMBER + r") de (?P<w2>" + MONTH + r")\b(?: (?:de |do )?(?P<v2>20\d\d)\b)?"
)  # fmt: skip
_LIST = (
    r"\b(?:n?os |d?os )?dias (?P<days>\d{1,2}(?:\s*,\s*\d{1,2})*\s*(?:,|e|,\s*e)\s*\d{1,2})(?!\d)(?![.,/]\d)"
    r"(?:\s*/\s*(?P<m>\d{1,2})(?!\d)| de (?P<w>" + MONTH + r")\b)?" + _NOT_MONEY
)
_NUMERIC = (
    r"(?<![\d/.,-])(?P<d1>\d{1,2})(?:\s?/\s?|[.-])(?P<m1>\d{1,2})(?:\s?/\s?|[.-])(?P<y1>\d{4}|\d{2})(?![\d/])(?![.,]\d)"
    r"|(?<![\d/.,-])(?P<d2>\d{1,2})/(?P<m2>\d{1,2})(?![\d/])(?![.,]\d)"
)
_DOTTED = r"(?<![\d/.,-])(?P<d1>[0-3]?\d)[.-](?P<m1>0[1-9]|1[0-2]|[1-9])(?![\d/])(?![.,]\d)" + _NOT_MONEY
_DOTTED_LEAD = r"\b(?:dia|em|no|ate|data|data de|desde|vence|vencimento|pra|para)\s*:?\s*$"
_UNIT = r"(?P<u>dias?|semanas?|mes|meses)\b"


@dataclass(frozen=True, slots=True)
class Found:
    """A day or an inclusive period. `exact` is false where the words leave the day open (`semana passada`)."""

    kind: Kind
    first: date
    last: date
    exact: bool = True
    span: tuple[int, int] | None = None
    """Its characters, where they are not the whole match."""


type Read = Callable[[Match[str], date, Prefer], tuple[Found, ...]]
"""What the match means on a today; nothing when it is no day after all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`needs`: one of these must stand in the text before the pattern is tried, which is much cheaper."""

    needs: tuple[str, ...]
    pattern: str
    read: Read
    terms: bool = False
    """A payment term (`a 30 dias`)."""


def one_day(day: date, *, exact: bool = True) -> tuple[Found, ...]:
    return (Found("day", day, day, exact),)


def period(first: date, last: date, *, exact: bool = True) -> tuple[Found, ...]:
    return (Found("range", first, last, exact),)


def impossible(today: date) -> tuple[Found, ...]:
    return (Found("impossible", today, today),)


def _day_or_impossible(day: date | None, today: date) -> tuple[Found, ...]:
    return one_day(day) if day else impossible(today)


@dataclass(frozen=True, slots=True)
class _Part:
    """One end of a written date; what was left out is None."""

    day: int
    month: int | None
    year: int | None


def _part(match: Match[str], n: int, today: date) -> _Part:
    group = match.groupdict()
    day = day_number(group[f"d{n}"])
    if group.get(f"m{n}"):
        return _Part(day, int(group[f"m{n}"]), full_year(group[f"y{n}"]) if group.get(f"y{n}") else None)
    if group.get(f"w{n}"):
        return _Part(day, MONTHS[group[f"w{n}"]], int(group[f"v{n}"]) if group.get(f"v{n}") else None)
    if relative := group.get(f"r{n}"):
        month = add_months(today.replace(day=1), _SHIFTS.get(relative, 0))
        return _Part(day, month.month, month.year)
    return _Part(day, None, None)


def _resolve(part: _Part, today: date, prefer: Prefer) -> date | None:
    if part.month is None:
        return day_of_month(part.day, today, prefer)
    if part.year is None:
        return nearest_year(part.month, part.day, today, prefer)
    return valid_date(part.year, part.month, part.day)


def _read_range(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    one, two = _part(match, 1, today), _part(match, 2, today)
    opened = rx(r"^\s*(?:de |do |entre |desde |dos dias |os dias |dias |dia |o dia )").match(match.group())
    if one.month is None and two.month is None and not opened:
        return ()
    between = rx(r"^\s*entre\b").match(match.group()) is not None
    following = prefer == "future" and two.day == one.day + 1
    if match.group("by") == "e" and not following and not between:
        return ()
    start, end = _ends(one, two, today, prefer)
    if start is None or end is None or end < start:
        return impossible(today)
    return period(start, end)


def _ends(one: _Part, two: _Part, today: date, prefer: Prefer) -> tuple[date | None, date | None]:
    """A month or year that one end lacks comes from the other; a period may span the new year."""
    if two.month is None and one.month is not None:
        start = _resolve(one, today, prefer)
        return start, (valid_date(start.year, start.month, two.day) if start else None)
    if prefer == "future" and two.month is None:
        start = _resolve(one, today, prefer)
        return start, (day_of_month(two.day, start, "future") if start else None)
    end = _resolve(two, today, prefer)
    if end is None:
        return None, None
    if one.year is not None and one.month is not None:
        return valid_date(one.year, one.month, one.day), end
    month = one.month or (end.month if one.day <= two.day else add_months(end.replace(day=1), -1).month)
    start = valid_date(end.year, month, one.day)
    if start and start > end:
        start = valid_date(end.year - 1, month, one.day)
    return start, end


def _read_list(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    """`dias 5, 6 e 8 (de dezembro)`: each of them is a day."""
    month = int(match.group("m")) if match.group("m") else MONTHS.get(match.group("w") or "")
    found: list[Found] = []
    for number in rx(r"\d+").finditer(match.group("days")):
        day = _resolve(_Part(int(number.group()), month, None), today, prefer)
        offset = match.start("days")
        span = (
            match.start() if not found else offset + number.start(),
            match.end() if number.end() == len(match.group("days")) else offset + number.end(),
        )
        found.append(Found("day", day, day, True, span) if day else Found("impossible", today, today, True, span))
    return tuple(found)


def _read_one(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    part = _part(match, 1, today)
    if part.month is not None and part.day > 31 and not match.group().startswith("dia"):
        return ()  # `paguei 90 de março`: an amount and a month
    return _day_or_impossible(_resolve(part, today, prefer), today)


def _read_numeric(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    group = match.groupdict()
    if group["d1"]:
        return _day_or_impossible(valid_date(full_year(group["y1"]), int(group["m1"]), int(group["d1"])), today)
    day, month = int(group["d2"]), int(group["m2"])
    if day > 31 and month > 12:
        return ()  # `50/50`
    return _day_or_impossible(nearest_year(month, day, today, prefer), today)


def _read_dotted(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    """`5.11` and `5-11`: a date behind a word of time, or where another number is the amount."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    led = rx(_DOTTED_LEAD).search(before)
    others = rx(r"\d").search(before + after)
    if not led and not (others and "." in match.group() and len(match.group("m1")) == 2):
        return ()
    if not led and rx(r"(?:r\$|\brs)\s*$|\b(?:por|a|de|deu|custou|foi|paguei|gastei)\s*$").search(before):
        return ()
    day = nearest_year(int(match.group("m1")), int(match.group("d1")), today, prefer)
    return one_day(day) if day else ()


def _read_iso(match: Match[str], today: date, _: Prefer) -> tuple[Found, ...]:
    return _day_or_impossible(valid_date(int(match.group(1)), int(match.group(2)), int(match.group(3))), today)


def _shifted(day: date, number: int, unit: str) -> date:
    if unit.startswith("mes"):
        return add_months(day, max(-120, min(number, 120)))
    return day + timedelta(days=max(-4000, min(number, 4000)) * (7 if unit.startswith("semana") else 1))


def _read_ago(match: Match[str], today: date, _: Prefer) -> tuple[Found, ...]:
    number, unit = count(match.group("n")), match.group("u")
    vague = rx(r"\b(?:uns|umas|mais ou menos|cerca de)\b").search(match.group()) is not None
    return one_day(_shifted(today, -number, unit), exact=not vague)


def _read_ahead(match: Match[str], today: date, _: Prefer) -> tuple[Found, ...]:
    return one_day(_shifted(today, count(match.group("n")), match.group("u")))


def _read_weekday(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    written, before, after = match.group("w"), match.group("before") or "", match.group("after") or ""
    wanted = (
        WEEKDAYS[written]
        if written in WEEKDAYS
        else _NUMBERED_WEEKDAYS[written[:1] if written[0].isdigit() else written]
    )
    monday = today - timedelta(days=today.weekday())
    if "semana" in after:
        weeks = next((shift for words, shift in _WEEKS.items() if words in after), 0)
        return one_day(monday + timedelta(days=wanted + 7 * weeks))
    if "retrasad" in after:
        return one_day(nearest_weekday(wanted, today, "past") - timedelta(days=7))
    ahead = "proxim" in before + after or "que vem" in after or "que entra" in after
    if "ultim" in before or "passad" in after or "que passou" in after:
        ahead = False
    elif not ahead:
        ahead = prefer == "future"
    return one_day(nearest_weekday(wanted, today, "future" if ahead else "past"))


_WEEKS: Final = {"retrasada": -2, "passada": -1, "que vem": 1, "que entra": 1, "proxima": 1, "outra": 1}
_NUMBERED_WEEKDAYS: Final = {"2": 0, "3": 1, "4": 2, "5": 3, "6": 4, "seg": 0, "qua": 2, "qui": 3, "sex": 4, "dom": 6}


def _read_last(match: Match[str], today: date, _: Prefer) -> tuple[Found, ...]:
    number, unit = count(match.group("n")), match.group("u")
    if not number:
        return ()
    first = _shifted(today, -number, unit)
    return period(first if unit.startswith("mes") else first + timedelta(days=1), today)


def _read_coming(match: Match[str], today: date, _: Prefer) -> tuple[Found, ...]:
    number, unit = count(match.group("n")), match.group("u")
    return period(today, _shifted(today, number, unit) - timedelta(days=1)) if number else ()


def _read_month_name(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    month, written = MONTHS[match.group("w")], match.group("v")
    if written:
        year = int(written)
    elif prefer == "future":
        year = today.year + (month < today.month)
    else:
        year = today.year - (month > today.month)
    return _month_until_today(year, month, today, prefer)


def _month_until_today(year: int, month: int, today: date, prefer: Prefer) -> tuple[Found, ...]:
    start, end = month_span(year, month)
    return period(start, today if prefer == "past" and start <= today < end else end, exact=False)


def _read_month_number(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    return _month_until_today(int(match.group("y")), int(match.group("m")), today, prefer)


def _read_month_range(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    """`de janeiro a março (de 2026)`."""
    if match.group("by") == "e" and not match.group().startswith("entre"):
        return ()
    one, two = MONTHS[match.group("w1")], MONTHS[match.group("w2")]
    written = match.group("v2")
    year = int(written) if written else today.year - (prefer == "past" and two > today.month)
    first = int(match.group("v1") or year - (one > two))
    start, end = date(first, one, 1), month_span(year, two)[1]
    if start > end:
        return ()
    return period(start, min(end, today) if prefer == "past" and start <= today else end, exact=False)


def _read_year(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    year = int(match.group("y"))
    end = date(year, 12, 31)
    return period(date(year, 1, 1), today if prefer == "past" and year == today.year else end, exact=False)


RULES: Final[tuple[Rule, ...]] = (
    Rule(("-",), r"\b(20\d\d)-(\d{1,2})-(\d{1,2})\b", _read_iso),
    Rule(
        MONTH_NAMES,
        r"\b(?:de |entre |desde )?(?P<w1>"
        + MONTH
        + r")(?: (?:de |do )?(?P<v1>20\d\d))? (?P<by>a|ate|e) (?P<w2>"
        + MONTH
        + r")\b(?:\s*(?:de|do|/)?\s*(?P<v2>20\d\d)\b)?",
        _read_month_range,
    ),
    Rule(("dias ",), _LIST, _read_list),
    Rule((" a ", " e ", " ate ", " ao ", "-"), _RANGE, _read_range),
    Rule((" de ",), _RANGE_IN_WORDS, _read_range),
    Rule(("/", "."), r"(?<![\d/.])(?P<m>0?[1-9]|1[0-2])[/.](?P<y>20\d\d)\b(?![/.]\d)", _read_month_number),
    Rule(("/", ".", "-"), _NUMERIC, _read_numeric),
    Rule((".", "-"), _DOTTED, _read_dotted),
    Rule((), r"(?<!r\$ )(?<!r\$)(?<![\d.,/])\b" + _DAY.format(n=1) + _OF.format(n=1), _read_one),
    Rule(
        MONTH_NAMES,
        r"(?<!\be )\b(?:dia )?(?P<d1>" + _NUMBER + r") de (?P<w1>" + MONTH + r")\b(?: (?:de |do )?(?P<v1>20\d\d)\b)?",
        _read_one,
    ),
    Rule(("dia ",), r"\bdia\s+(?P<d1>\d{1,2})\s+do\s+(?P<m1>\d{1,2})(?P<y1>)\b(?![,.]\d)", _read_one),
    Rule(
        ("dia ",),
        r"(?<!bom )(?<!por )(?<!um )\bdia\s+(?P<d1>\d{1,2}|(?<!vendas do dia )(?<!movimento do dia )(?<!caixa do dia )"
        r"\d{3})(?:º|°|o\b)?(?![\d/])(?![,.]\d)" + _NOT_MONEY,
        _read_one,
    ),
    Rule(
        ("dia ",),
        r"(?<!bom )(?<!por )(?<!um )\bdia\s+(?P<d1>" + _NUMBER + r")\b(?! (?:mil|reais|contos?|pilas?|e)\b)",
        _read_one,
    ),
    Rule(
        ("dia", "seman", "mes"),
        r"\b(?:ha|faz|tem|uns)\s+(?:ja\s+)?(?:uns\s+|umas\s+)?(?P<n>"
        + COUNT
        + r")\s+"
        + _UNIT
        + r"(?!\s+de\b)(?:\s+atras)?",
        _read_ago,
    ),
    Rule(
        ("atras",), r"\b(?:ha\s+|a\s+)?(?:uns\s+|umas\s+)?(?P<n>" + COUNT + r")\s+" + _UNIT + r"\s+atras\b", _read_ago
    ),
    Rule(("daqui",), r"\bdaqui\s+(?:a\s+)?(?:uns\s+|umas\s+)?(?P<n>" + COUNT + r")\s+" + _UNIT, _read_ahead),
    Rule(
        ("ultim", "passad"),
        r"\b(?:nos |dos |das |nas |os |as )?(?:ultim[oa]s|passad[oa]s)\s+(?P<n>" + COUNT + r")\s+" + _UNIT,
        _read_last,
    ),
    Rule(("ultim",), r"\b(?P<n>" + COUNT + r")\s+ultim[oa]s\s+" + _UNIT, _read_last),
    Rule(("proxim",), r"\b(?:n?os |n?as )?proxim[oa]s\s+(?P<n>" + COUNT + r")\s+" + _UNIT, _read_coming),
    Rule(
        ("segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo", "feira"),
        r"\b(?P<before>proxim[oa]\s+|ultim[oa]\s+)?(?P<w>segunda|terca|quarta|quinta|sexta|sabado|domingo"
        r"|[2-6](?:a|ª)(?=[\s-]*feira))(?:[\s-]*feira)?\b"
        r"(?P<after>\s+(?:passad[oa]|retrasad[oa]|que vem|que entra|que passou|proxim[oa]\b"
        r"|(?:d?[ae]|nessa|nesta|dessa|desta) semana (?:passada|retrasada|que vem|que entra)|dessa semana|desta semana"
        r"|da essa semana|d[ae] proxima semana|da outra semana))?",
        _read_weekday,
    ),
    Rule(
        ("na seg", "na qua", "na qui", "na sex", "no dom"),
        r"\bn[ao] (?P<before>proxim[oa]\s+)?(?P<w>seg|qua|qui|sex|dom)\b(?P<after>)",
        _read_weekday,
    ),
)
"""Written days first; `periods.RULES` follow."""

LAST_RULES: Final[tuple[Rule, ...]] = (
    Rule(
        MONTH_NAMES,
        r"\b(?P<w>janeiro|fevereiro|abril|junho|julho|agosto|setembro|outubro|novembro|dezembro)\b"
        r"(?:\s*(?:de|do|/)?\s*(?P<v>20\d\d)\b)?",
        _read_month_name,
    ),
    Rule(
        ("marco", "maio"),
        r"(?:\b(?:em|de|do|mes de|no mes de|pra|para|pro|ate|o mes de|durante|todo|inteiro de|e|e em|e de)\s+|^\s*|/)"
        r"(?P<at>(?P<w>marco|maio)\b(?:\s*(?:de|do|/)?\s*(?P<v>20\d\d)\b)?)",
        _read_month_name,
    ),
    Rule(
        ("20",),
        r"\b(?:em|de|do|no|ano|ano de|todo|durante)\s+(?P<y>20[12]\d)\b"
        r"(?!\s*(?:reais|conto|pila|mil|k\b))(?![.,/]\d)",
        _read_year,
    ),
)
