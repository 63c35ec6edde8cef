"""Parses days and periods relative to a given today. Impossible dates are flagged, never adjusted."""

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from re import Match
from typing import Final, Literal

from falachefe.kernel import brazil
from falachefe.kernel.text import fold
from falachefe.language.text.lexicon import MONTH_NAMES, MONTHS
from falachefe.language.text.normalize import rx

type Prefer = Literal["past", "future"]
type Kind = Literal["day", "range", "impossible"]

WEEKDAYS: Final[dict[str, int]] = {fold(name): number for number, name in enumerate(brazil.WEEKDAYS)}
COUNTS: Final[dict[str, int]] = {
    "um": 1, "uma": 1, "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5, "seis": 6, "sete": 7, "oito": 8,
    "nove": 9, "dez": 10, "doze": 12, "quinze": 15, "vinte": 20, "trinta": 30,
}  # fmt: skip

_MONTH = "|".join(MONTH_NAMES)
_SHORT = "|".join(MONTHS)
_COUNT = r"\d{1,3}|" + "|".join(COUNTS)
_DAY = r"(?:dia\s+)?(?P<d{n}>\d{{1,2}}|primeiro)(?:º|°|o\b)?"
_OF = (
    r"(?:\s?/\s?(?P<m{n}>\d{{1,2}})(?:\s?/\s?(?P<y{n}>\d{{4}}|\d{{2}}))?(?!\d)"
    r"|\s+(?:de\s+|do\s+|/\s?)?(?P<w{n}>" + _SHORT + r")\b(?:\s+(?:de\s+|do\s+)?(?P<v{n}>20\d{{2}}))?"
    r"|\s+(?:de|do|deste|desse|d[eo] este|d[eo] esse)\s+(?P<r{n}>mes passado|mes "
    r"que vem|proximo mes|ultimo mes|mes atual|mes)\b)"
)
_RANGE = (
    r"\b(?:de |do |entre |desde |dos dias |dias )?(?:o )?"
    + _DAY.format(n=1)
    + _OF.format(n=1)
    + r"?\s*(?:a|ate|ao|e|-|ate o|ate a)\s+(?:o\s+)?"
    + _DAY.format(n=2)
    + _OF.format(n=2)
    + r"?(?!\s*(?:reais|conto|pila|mil\b|k\b))(?![\d,.]*\d)"
)
_NUMERIC = (
    r"(?<![\d/.,-])(?:dia\s+)?(?P<d1>\d{1,2})\s?[/.-]\s?(?P<m1>\d{1,2})(?:\s?[/.-]\s?(?P<y1>\d{4}|"
    r"\d{2}))(?![\d/])|(?<![\d/.,-])(?:dia\s+)?(?P<d2>\d{1,2})/(?P<m2>\d{1,2})(?![\d/])"
)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A day (start == end) or a period at `plain[a:b]`. `impossible` was written as a date that no calendar has."""

    kind: Kind
    start: date
    end: date
    span: tuple[int, int]


type _Parser = Callable[[Match[str], date, Prefer], tuple[Kind, date, date] | None]


def find_dates(plain: str, today: date, prefer: Prefer = "past") -> list[DateMention]:
    """Every date in `plain`, in order. `prefer` resolves an ambiguous `dia 5` or `sexta` to the past or the future."""
    taken: list[DateMention] = []
    free = plain
    for pattern, parser in _PARSERS:
        for match in rx(pattern).finditer(free):
            parsed = parser(match, today, prefer)
            if parsed is None:
                continue
            start = match.start() + (len(match.group()) - len(match.group().lstrip()))
            taken.append(DateMention(*parsed, (start, match.end())))
            free = free[: match.start()] + "¦" * (match.end() - match.start()) + free[match.end() :]
    return _merge_ranges(sorted(taken, key=lambda w: w.span[0]), plain)


def _merge_ranges(found: list[DateMention], plain: str) -> list[DateMention]:
    """`de segunda a sexta`, `do dia 10 ao dia 20`: two days joined by a connector are one period."""
    result: list[DateMention] = []
    for mention in found:
        last = result[-1] if result else None
        if (
            last
            and last.kind == mention.kind == "day"
            and rx(r"^\s*(?:a|ate|ao|ate o|ate a|-)\s+(?:o |a )?$").match(plain[last.span[1] : mention.span[0]])
        ):
            end = mention.start
            while end < last.start:
                end += timedelta(days=7)
            result[-1] = DateMention("range", last.start, end, (last.span[0], mention.span[1]))
        else:
            result.append(mention)
    return result


def month_span(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def add_months(day: date, months: int) -> date:
    """The same day some months away, or the last day of that month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _count(word: str) -> int:
    return COUNTS[word] if word in COUNTS else int(word)


def _day(day: date) -> tuple[Kind, date, date]:
    return "day", day, day


def _impossible(today: date) -> tuple[Kind, date, date]:
    return "impossible", today, today


def _valid_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest_year(month: int, day: int, today: date, prefer: Prefer) -> date | None:
    """A date without a year: this year's, unless that lies on the other side of today than `prefer`."""
    year = today.year
    if prefer == "past" and (month, day) > (today.month, today.day):
        year -= 1
    if prefer == "future" and (month, day) < (today.month, today.day):
        year += 1
    return _valid_date(year, month, day)


def _full_year(written: str) -> int:
    return int(written) if len(written) == 4 else 2000 + int(written)


@dataclass(frozen=True, slots=True)
class _Part:
    """One end of a written date; what was left out is None."""

    day: int
    month: int | None
    year: int | None


def _part(match: Match[str], n: int, today: date) -> _Part:
    group = match.groupdict()
    written = group[f"d{n}"]
    day = 1 if written == "primeiro" else int(written)
    if group.get(f"m{n}"):
        return _Part(day, int(group[f"m{n}"]), _full_year(group[f"y{n}"]) if group.get(f"y{n}") else None)
    if group.get(f"w{n}"):
        return _Part(day, MONTHS[group[f"w{n}"]], int(group[f"v{n}"]) if group.get(f"v{n}") else None)
    relative = group.get(f"r{n}")
    if relative:
        shift = (
            -1 if relative in ("mes passado", "ultimo mes") else 1 if relative in ("mes que vem", "proximo mes") else 0
        )
        month = add_months(today.replace(day=1), shift)
        return _Part(day, month.month, month.year)
    return _Part(day, None, None)


def _resolve(part: _Part, today: date, prefer: Prefer) -> date | None:
    if part.month is None:
        return _day_of_month(part.day, today, prefer)
    if part.year is None:
        return _nearest_year(part.month, part.day, today, prefer)
    return _valid_date(part.year, part.month, part.day)


def _day_of_month(day: int, today: date, prefer: Prefer) -> date | None:
    if not 1 <= day <= 31:
        return None
    first = today.replace(day=1)
    for step in range(14):
        month = add_months(first, -step if prefer == "past" else step)
        made = _valid_date(month.year, month.month, day)
        if made and (made <= today if prefer == "past" else made >= today):
            return made
    return None


def _parse_range(match: Match[str], today: date, prefer: Prefer) -> tuple[Kind, date, date] | None:
    one, two = _part(match, 1, today), _part(match, 2, today)
    opened = rx(r"^\s*(?:de |do |entre |desde |dos dias |dias |dia |o dia )").match(match.group())
    if one.month is None and two.month is None and not opened:
        return None
    following = prefer == "future" and two.day == one.day + 1
    if match.group(0).count(" e ") and not following and not rx(r"\b(?:entre|dias|dos dias)\b").search(match.group()):
        return None
    start, end = _ends(one, two, today, prefer)
    if start is None or end is None or end < start:
        return _impossible(today)
    return "range", start, end


def _ends(one: _Part, two: _Part, today: date, prefer: Prefer) -> tuple[date | None, date | None]:
    """A month or year that one end lacks comes from the other; a period may span the new year."""
    if two.month is None and one.month is not None:
        start = _resolve(one, today, prefer)
        return start, (_valid_date(start.year, start.month, two.day) if start else None)
    if prefer == "future" and two.month is None:
        start = _resolve(one, today, prefer)
        if start is None:
            return None, None
        end = _day_of_month(two.day, start, "future")
        return start, end
    end = _resolve(two, today, "past" if prefer == "past" else "future")
    if end is None:
        return None, None
    if one.year is not None and one.month is not None:
        return _valid_date(one.year, one.month, one.day), end
    month = one.month or (end.month if one.day <= two.day else add_months(end.replace(day=1), -1).month)
    start = _valid_date(end.year, month, one.day)
    if start and start > end:
        start = _valid_date(end.year - 1, month, one.day)
    return start, end


def _parse_one(match: Match[str], today: date, prefer: Prefer) -> tuple[Kind, date, date] | None:
    day = _resolve(_part(match, 1, today), today, prefer)
    return _day(day) if day else _impossible(today)


def _parse_numeric(match: Match[str], today: date, prefer: Prefer) -> tuple[Kind, date, date] | None:
    group = match.groupdict()
    if group["d1"]:
        day = _valid_date(_full_year(group["y1"]), int(group["m1"]), int(group["d1"]))
    else:
        day = _nearest_year(int(group["m2"]), int(group["d2"]), today, prefer)
    return _day(day) if day else _impossible(today)


def _parse_iso(match: Match[str], today: date, _: Prefer) -> tuple[Kind, date, date] | None:
    day = _valid_date(int(match.group(1)), int(match.group(2)), int(match.group(3)))
    return _day(day) if day else _impossible(today)


def _parse_ago(match: Match[str], today: date, _: Prefer) -> tuple[Kind, date, date] | None:
    count, unit = _count(match.group("n")), match.group("u")
    if unit.startswith("mes"):
        return _day(add_months(today, -min(count, 120)))
    return _day(today - timedelta(days=count * (7 if unit.startswith("semana") else 1)))


def _parse_ahead(match: Match[str], today: date, _: Prefer) -> tuple[Kind, date, date] | None:
    count = _count(match.group("n"))
    return _day(today + timedelta(days=count * (7 if match.group("u").startswith("semana") else 1)))


def _parse_weekday(match: Match[str], today: date, prefer: Prefer) -> tuple[Kind, date, date] | None:
    wanted, before, after = WEEKDAYS[match.group("w")], match.group("before") or "", match.group("after") or ""
    monday = today - timedelta(days=today.weekday())
    if "semana passada" in after:
        return _day(monday + timedelta(days=wanted - 7))
    if "semana que vem" in after or "proxima semana" in after:
        return _day(monday + timedelta(days=wanted + 7))
    ahead = "proxim" in before or "que vem" in after
    if "ultim" in before or "passad" in after:
        ahead = False
    elif not ahead:
        ahead = prefer == "future"
    if ahead:
        return _day(today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1))
    return _day(today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1))


def _parse_last(match: Match[str], today: date, _: Prefer) -> tuple[Kind, date, date] | None:
    count, unit = _count(match.group("n")), match.group("u")
    if not count:
        return None
    if unit.startswith("mes"):
        return "range", add_months(today, -min(count, 120)), today
    days = count * (7 if unit.startswith("semana") else 1)
    return "range", today - timedelta(days=days - 1), today


def _fixed(period: Callable[[date], tuple[date, date]]) -> _Parser:
    def parse(_: Match[str], today: date, __: Prefer) -> tuple[Kind, date, date] | None:
        start, end = period(today)
        return ("day" if start == end and period in _DAYS else "range"), start, end

    return parse


def _offset(days: int) -> Callable[[date], tuple[date, date]]:
    def span(today: date) -> tuple[date, date]:
        day = today + timedelta(days=days)
        return day, day

    _DAYS.add(span)
    return span


_DAYS: set[Callable[[date], tuple[date, date]]] = set()


def _week(shift: int, *, to_date: bool = False) -> Callable[[date], tuple[date, date]]:
    def span(today: date) -> tuple[date, date]:
        monday = today - timedelta(days=today.weekday() - 7 * shift)
        return monday, (today if to_date else monday + timedelta(days=6))

    return span


def _month(shift: int) -> Callable[[date], tuple[date, date]]:
    def span(today: date) -> tuple[date, date]:
        first = add_months(today.replace(day=1), shift)
        return first, month_span(first.year, first.month)[1]

    return span


def _month_to_date(today: date) -> tuple[date, date]:
    return today.replace(day=1), today


def _weekend(today: date) -> tuple[date, date]:
    sunday = today - timedelta(days=(today.weekday() - 6) % 7)
    return sunday - timedelta(days=1), sunday


def _quarter(today: date) -> tuple[date, date]:
    return date(today.year, (today.month - 1) // 3 * 3 + 1, 1), today


def _half(today: date) -> tuple[date, date]:
    return date(today.year, 1 if today.month <= 6 else 7, 1), today


def _year_to_date(today: date) -> tuple[date, date]:
    return date(today.year, 1, 1), today


def _last_year(today: date) -> tuple[date, date]:
    return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)


def _parse_month_name(match: Match[str], today: date, prefer: Prefer) -> tuple[Kind, date, date] | None:
    month, written = MONTHS[match.group("w")], match.group("v")
    if written:
        year = int(written)
    elif prefer == "future":
        year = today.year + (month < today.month)
    else:
        year = today.year - (month > today.month)
    start, end = month_span(year, month)
    if prefer == "past" and start <= today < end:
        end = today
    return "range", start, end


def _parse_month_range(match: Match[str], today: date, prefer: Prefer) -> tuple[Kind, date, date] | None:
    """`de janeiro a março (de 2026)`."""
    if match.group("by") == "e" and not match.group().startswith("entre"):
        return None
    one, two = MONTHS[match.group("w1")], MONTHS[match.group("w2")]
    written = match.group("v2")
    year = int(written) if written else today.year - (prefer == "past" and two > today.month)
    first = int(match.group("v1") or year - (one > two))
    start, end = date(first, one, 1), month_span(year, two)[1]
    return ("range", start, min(end, today) if prefer == "past" and start <= today else end) if start <= end else None


def _parse_year(match: Match[str], today: date, prefer: Prefer) -> tuple[Kind, date, date] | None:
    year = int(match.group("y"))
    end = date(year, 12, 31)
    return "range", date(year, 1, 1), today if prefer == "past" and year == today.year else end


def _parse_fortnight(match: Match[str], today: date, prefer: Prefer) -> tuple[Kind, date, date] | None:
    month = MONTHS.get(match.group("w") or "", today.month)
    year = today.year - (month > today.month) if prefer == "past" else today.year + (month < today.month)
    start, end = month_span(year, month)
    return (
        ("range", start, start.replace(day=15))
        if match.group("h").startswith("p")
        else ("range", start.replace(day=16), end)
    )


def _parse_christmas(_: Match[str], today: date, prefer: Prefer) -> tuple[Kind, date, date] | None:
    day = _nearest_year(12, 25, today, prefer)
    return _day(day) if day else None


def _parsers() -> Iterator[tuple[str, _Parser]]:
    yield r"\b(20\d\d)-(\d{1,2})-(\d{1,2})\b", _parse_iso
    yield (
        r"\b(?:de |entre |desde )?(?P<w1>"
        + _MONTH
        + r")(?: (?:de |do )?(?P<v1>20\d\d))? (?P<by>a|ate|e) (?P<w2>"
        + _MONTH
        + r")\b(?:\s*(?:de|do|/)?\s*(?P<v2>20\d\d)\b)?",
        _parse_month_range,
    )
    yield _RANGE, _parse_range
    yield _NUMERIC, _parse_numeric
    yield r"\b" + _DAY.format(n=1) + _OF.format(n=1), _parse_one
    yield r"\bdia\s+(?P<d1>\d{1,2})\s+do\s+(?P<m1>\d{1,2})(?P<y1>)\b(?![,.]\d)", _parse_one
    yield (
        (
            r"\b(?:no |do |pro |pra |ao )?dia\s+(?P<d1>\d{1,2}|(?<!vendas do dia )(?<!movimento do dia )(?<!caixa do"
            r" dia )\d{3}|primeiro)(?:º|°|o)?(?![\d/])(?![,.]\d)(?!"
            r"\s*(?:conto|reais|pila))"
        ),
        _parse_one,
    )
    yield (
        r"\b(?:ha|faz|tem|a)\s+(?:uns\s+)?(?P<n>"
        + _COUNT
        + r")\s+(?P<u>dias?|semanas?|mes|meses)\b(?!\s+de\b)(?:\s+atras)?",
        _parse_ago,
    )
    yield r"\b(?P<n>" + _COUNT + r")\s+(?P<u>dias?|semanas?|mes|meses)\s+atras\b", _parse_ago
    yield r"\bdaqui\s+(?:a\s+)?(?P<n>" + _COUNT + r")\s+(?P<u>dias?|semanas?)\b", _parse_ahead
    yield (
        r"\b(?:nos |dos |das |nas |os |as )?(?:ultim[oa]s|passad[oa]s)\s+(?P<n>"
        + _COUNT
        + r")\s+(?P<u>dias?|semanas?|mes|meses)\b",
        _parse_last,
    )
    yield r"\b(?P<n>" + _COUNT + r")\s+ultim[oa]s\s+(?P<u>dias?|semanas?|mes|meses)\b", _parse_last
    yield (
        (
            r"\b(?P<before>proxim[oa]\s+|ultim[oa]\s+)?(?P<w>segunda|terca|quarta|"
            r"quinta|sexta|sabado|domingo)(?:[\s-]*feira)?\b"
            r"(?!\s+(?:parcela|via|vez|parte|etapa|feira de|mao|opcao|prestacao|unidade|loja|fase|medicao))"
            r"(?P<after>\s+(?:passad[oa]|que vem|d?[ae]\s+semana passada|da semana "
            r"que vem|d[ae] proxima semana|da outra semana))?"
        ),
        _parse_weekday,
    )
    for pattern, period in _PERIODS:
        yield pattern, _fixed(period)
    yield r"\b(?P<h>primeira|segunda) quinzena(?:\s+de\s+(?P<w>" + _MONTH + r"))?", _parse_fortnight
    yield r"\b(?:no |dia de |no dia de )natal\b", _parse_christmas
    yield (
        (
            r"\b(?P<w>janeiro|fevereiro|abril|junho|julho|agosto|setembro|outubro|"
            r"novembro|dezembro)\b(?:\s*(?:de|do|/)?\s*(?P<v>20\d\d))?"
        ),
        _parse_month_name,
    )
    yield (
        (
            (
                r"(?:\b(?:em|de|do|mes de|no mes de|pra|para|pro|ate|o mes de|durante|"
                r"todo|inteiro de|e|e em|e de)\s+|^\s*|/)(?P<w>"
            )
            + _MONTH
            + r")\b"
            r"(?:\s*(?:de|do|/)?\s*(?P<v>20\d\d))?"
        ),
        _parse_month_name,
    )
    yield (
        (
            r"\b(?:em|de|do|no|ano|ano de|todo|durante)\s+(?P<y>20[12]\d)\b"
            r"(?!\s*(?:reais|conto|pila|mil|k\b))(?![.,/]\d)"
        ),
        _parse_year,
    )


_PERIODS: Final[tuple[tuple[str, Callable[[date], tuple[date, date]]], ...]] = (
    (r"\b(?:anteontem|antes de ontem|ante ontem)\b", _offset(-2)),
    (r"\bdepois de amanha\b", _offset(2)),
    (r"\bamanha\b", _offset(1)),
    (r"\bontem\b", _offset(-1)),
    (r"\bhoje\b|\bdo dia\b(?= (?:de )?(?:hoje))|\beste dia\b", _offset(0)),
    (r"\bsemana retrasada\b", _week(-2)),
    (r"\b(?:semana passada|ultima semana|semana anterior)\b", _week(-1)),
    (r"\b(?:semana que vem|proxima semana|semana proxima)\b", _week(1)),
    (r"\b(?:fim de semana|final de semana)(?: passado)?\b", _weekend),
    (
        r"\b(?:n?essa|n?esta|dess?t?a|da|na|a) semana(?: toda| inteira| atual)?\b|\bsemana atual\b|\bsemanal\b",
        _week(0, to_date=True),
    ),
    (r"\bmes retrasado\b", _month(-2)),
    (r"\b(?:mes passado|ultimo mes|mes anterior)\b", _month(-1)),
    (r"\b(?:mes que vem|proximo mes|mes seguinte)\b", _month(1)),
    (
        (
            r"\b(?:n?esse|n?este|dess?t?e|do|no|o) mes(?: todo| inteiro| atual)?\b(?! (?:de|que) [a-z])|\bmes "
            r"atual\b|\bmensal\b"
        ),
        _month_to_date,
    ),
    (r"\b(?:ano passado|ultimo ano)\b", _last_year),
    (r"\b(?:n?esse|n?este|dess?t?e|do|no|o) ano(?: todo| inteiro| atual)?\b|\bano atual\b|\banual\b", _year_to_date),
    (r"\b(?:n?esse|n?este|dess?t?e|do|no|o) trimestre\b", _quarter),
    (r"\b(?:n?esse|n?este|dess?t?e|do|no|o) semestre\b", _half),
)
_PARSERS: Final[tuple[tuple[str, _Parser], ...]] = tuple(_parsers())
