"""Relative days, named periods, business days, holidays and payment terms."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from re import Match
from typing import Final

from falachefe.language.days.calendar import (
    Prefer,
    add_months,
    business_day,
    easter,
    good_friday,
    last_business_day,
    monday_of,
    month_span,
    nearest_year,
    weekday_of_month,
)
from falachefe.language.days.number_words import COUNTS, ORDINALS, count, longest_first
from falachefe.language.days.phrases import COUNT, MONTH, Found, Read, Rule, impossible, one_day, period
from falachefe.language.text.lexicon import MONTHS
from falachefe.language.text.normalize import rx

_TERM_DAYS: Final = frozenset((7, *range(10, 366, 5), *range(14, 366, 7)))
"""What suppliers grant: multiples of 5 from 10 on and of 7. `a 3 dias` is a misspelt `há 3 dias`."""

_NAMED_MONTH: Final = (
    r"(?:(?P<r>mes passado|mes retrasado|mes anterior|ultimo mes|mes que vem|mes que entra|proximo mes|mes)|"
    r"(?P<w>" + MONTH + r")(?:\s+(?:de\s+)?(?P<v>20\d\d))?)\b"
)
_NTH: Final = longest_first(ORDINALS) + r"|\d{1,2}(?:º|°|o)?|" + longest_first(COUNTS)
_SHIFTS: Final = {
    "mes passado": -1, "ultimo mes": -1, "mes anterior": -1, "mes retrasado": -2, "mes que vem": 1,
    "mes que entra": 1, "proximo mes": 1,
}  # fmt: skip


# ---- days and periods at a fixed distance from today


def _at(days: int) -> Read:
    return lambda _, today, __: one_day(today + timedelta(days=days))


def _vague_day(_: Match[str], today: date, __: Prefer) -> tuple[Found, ...]:
    return one_day(today, exact=False)


def _period(span: Callable[[date], tuple[date, date]]) -> Read:
    return lambda _, today, __: period(*span(today), exact=False)


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _week(shift: int) -> Read:
    def span(today: date) -> tuple[date, date]:
        monday = monday_of(today) + timedelta(days=7 * shift)
        return monday, monday + timedelta(days=6)

    return _period(span)


def _month(shift: int) -> Read:
    def span(today: date) -> tuple[date, date]:
        first = add_months(today.replace(day=1), shift)
        return month_span(first.year, first.month)

    return _period(span)


def _weekend(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    ahead = (
        "que vem" in match.group()
        or "proxim" in match.group()
        or (prefer == "future" and "passad" not in match.group())
    )
    sunday = today + timedelta(days=6 - today.weekday()) if ahead else today - timedelta(days=(today.weekday() - 6) % 7)
    if "que vem" in match.group() and today.weekday() >= 5:
        sunday += timedelta(days=7)
    if "retrasad" in match.group():
        sunday -= timedelta(days=7)
    return period(sunday - timedelta(days=1), sunday, exact=False)


# ---- parts of a month


def _month_of(match: Match[str], today: date, prefer: Prefer) -> tuple[date, bool]:
    """The first of the month that the match names, and whether it names one."""
    group = match.groupdict()
    if group.get("r"):
        return add_months(today.replace(day=1), _SHIFTS.get(group["r"], 0)), True
    if group.get("w"):
        month = MONTHS[group["w"]]
        year = today.year - (month > today.month) if prefer == "past" else today.year + (month < today.month)
        return date(int(group["v"]) if group.get("v") else year, month, 1), True
    return today.replace(day=1), False


def _nearest_in_month(
    match: Match[str], today: date, prefer: Prefer, find: Callable[[date], date | None]
) -> date | None:
    """`find` gives the day within a month: of the named month, or of the nearest one on the preferred side."""
    month, named = _month_of(match, today, prefer)
    if named:
        return find(month)
    for step in (0, -1) if prefer == "past" else (0, 1):
        day = find(add_months(month, step))
        if day and (day <= today if prefer == "past" else day >= today):
            return day
    return None


def _business_day(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    word = match.group("n")
    if word.startswith("ultim"):
        day = _nearest_in_month(match, today, prefer, lambda m: last_business_day(m.year, m.month))
    else:
        number = ORDINALS[word] if word in ORDINALS else COUNTS[word] if word in COUNTS else int(word.rstrip("ºo°"))
        day = _nearest_in_month(match, today, prefer, lambda m: business_day(m.year, m.month, number))
    return one_day(day) if day else impossible(today)


def _last_day(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    day = _nearest_in_month(match, today, prefer, lambda m: month_span(m.year, m.month)[1])
    return one_day(day or today)


def _end_of_month(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    """Due then means the last day; for what happened it is only a hint."""
    month, named = _month_of(match, today, prefer)
    if prefer == "past" and not named and today.day < 25:
        month = add_months(month, -1)
    first, last = month_span(month.year, month.month)
    if prefer == "future":
        return one_day(last)
    return period(first.replace(day=21), min(last, today) if first.replace(day=21) <= today else last, exact=False)


def _part_of_month(first_day: int, last_day: int) -> Read:
    def read(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
        month, named = _month_of(match, today, prefer)
        if not named and prefer == "future" and today.day > last_day:
            month = add_months(month, 1)
        return period(month.replace(day=first_day), month.replace(day=last_day), exact=False)

    return read


def _week_of_month(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    month, _ = _month_of(match, today, prefer)
    last = month_span(month.year, month.month)[1]
    if match.group("n").startswith("ultim"):
        return period(last - timedelta(days=6), last, exact=False)
    number = {"primeira": 0, "segunda": 1, "terceira": 2, "quarta": 3}[match.group("n")]
    return period(month + timedelta(days=7 * number), month + timedelta(days=7 * number + 6), exact=False)


def _fortnight(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    month, _ = _month_of(match, today, prefer)
    start, end = month_span(month.year, month.month)
    if match.group("h").startswith("p"):
        return period(start, start.replace(day=15), exact=False)
    return period(start.replace(day=16), end, exact=False)


# ---- holidays


def _holiday(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    name = match.group("h")
    for key, (month, day) in _FIXED.items():
        if name.startswith(key):
            found = nearest_year(month, day, today, prefer)
            return one_day(found) if found else ()
    made = next(find for key, find in _MOVABLE.items() if name.startswith(key))
    years = (today.year, today.year - 1) if prefer == "past" else (today.year, today.year + 1)
    days = [day for day in map(made, years) if (day <= today if prefer == "past" else day >= today)]
    return one_day(days[0])


_FIXED: Final = {
    "vespera de natal": (12, 24), "natal": (12, 25), "ano novo": (1, 1), "vespera de ano novo": (12, 31),
    "reveillon": (12, 31), "virada": (12, 31), "dia dos namorados": (6, 12), "dia das criancas": (10, 12),
    "finados": (11, 2), "tiradentes": (4, 21), "dia do trabalho": (5, 1), "dia do trabalhador": (5, 1),
    "consciencia negra": (11, 20), "sao joao": (6, 24),
}  # fmt: skip
_MOVABLE: Final[dict[str, Callable[[int], date]]] = {
    "dia das maes": lambda year: weekday_of_month(year, 5, 6, 2),
    "dia dos pais": lambda year: weekday_of_month(year, 8, 6, 2),
    "black friday": lambda year: weekday_of_month(year, 11, 3, 4) + timedelta(days=1),
    "pascoa": easter,
    "sexta santa": good_friday,
    "sexta feira santa": good_friday,
    "carnaval": lambda year: easter(year) - timedelta(days=47),
    "corpus christi": lambda year: easter(year) + timedelta(days=60),
}
_HOLIDAYS: Final = "|".join(sorted((*_FIXED, *_MOVABLE), key=len, reverse=True))


# ---- payment terms


def _terms(match: Match[str], today: date, _: Prefer) -> tuple[Found, ...]:
    return one_day(today + timedelta(days=min(count(match.group("n")), 4000)))


def _terms_or_ago(match: Match[str], today: date, _: Prefer) -> tuple[Found, ...]:
    """`a 30 dias` is a term; `a 3 dias` and `a 2 semanas` are a misspelt `há`."""
    number = count(match.group("n"))
    if match.group("u") == "dias" and number in _TERM_DAYS:
        return one_day(today + timedelta(days=number))
    return ()


def _misspelt_ago(match: Match[str], today: date, _: Prefer) -> tuple[Found, ...]:
    number, unit = count(match.group("n")), match.group("u")
    if unit.startswith("mes"):
        return one_day(add_months(today, -min(number, 120)), exact=False)
    return one_day(today - timedelta(days=number * (7 if unit.startswith("semana") else 1)))


def _bare_terms(match: Match[str], today: date, _: Prefer) -> tuple[Found, ...]:
    """`comprei 700 30 dias`, `30 dias direto`: only lengths that suppliers grant, and no leave of a person."""
    number = count(match.group("n"))
    rest = match.string[: match.start()]
    if number not in _TERM_DAYS or rx(
        r"\b(?:feria|folga|atestad|afasta|licenca|falt|descans|garantia|validade|por)"
    ).search(rest):
        return ()
    return one_day(today + timedelta(days=number))


def _series(match: Match[str], today: date, _: Prefer) -> tuple[Found, ...]:
    """`30/60/90`, `28, 56 e 84 dias`: growing by one step; the first is due first."""
    numbers = [int(n) for n in rx(r"\d+").findall(match.group("s"))]
    steps = {b - a for a, b in pairwise(numbers)}
    if len(steps) != 1 or steps.pop() < 5 or numbers[0] not in _TERM_DAYS or (numbers[1] <= 12 and len(numbers) == 2):
        return ()
    return one_day(today + timedelta(days=numbers[0]))


def _in_days(match: Match[str], today: date, prefer: Prefer) -> tuple[Found, ...]:
    """`em 5 dias` from now on; `gastei 300 em 5 dias` is a duration."""
    if prefer == "past":
        return ()
    number, unit = min(count(match.group("n")), 4000), match.group("u")
    if unit.startswith("mes"):
        return one_day(add_months(today, min(number, 120)))
    return one_day(today + timedelta(days=number * (7 if unit.startswith("semana") else 1)))


_PAYABLE: Final = (
    r"boleto|boletos|fatura|faturado|faturada|faturei|prazo|cheque|cheques|duplicata|nota|carne|pagar|pagamento|pago|"
    r"pagando|parcelado|financiado|vencimento|vence|vencendo|reais|conto|contos|pila|mil|[\d.,]*\d"
)
_N_DAYS: Final = r"(?P<n>" + COUNT + r")\s+(?P<u>dias|semanas?|mes|meses)\b"
_NOT_AGO: Final = r"(?!\s+(?:atras|de (?:ferias|folga|atestado|trabalho|distancia|uso|garantia)))"

TERMS: Final[tuple[Rule, ...]] = (
    Rule(
        ("/", ",", " e ", "0 ", "8 "),
        r"(?<![\d/.,-])(?P<s>[1-9]\d(?:\s?/\s?[1-9]\d\d?){1,5}|"
        r"[1-9]\d(?:\s*,\s*[1-9]\d\d?)*,?\s+e\s+[1-9]\d\d?(?=\s+(?:dias|ddl)\b)"
        r"|[1-9]\d(?:\s+[1-9]\d\d?){1,5}(?=\s+(?:dias|ddl)\b))(?![\d/])(?:\s*(?:dias|ddl)\b)?",
        _series,
        terms=True,
    ),
    Rule(
        ("dias", "ddl"),
        r"\b(?:boletos?|faturad[oa]s?|faturei|fatura|prazo|cheques?|duplicata)\s*:?\s*(?:de |com |a |em |pra |para |"
        r"pros? )?"
        r"(?P<at>(?P<n>" + COUNT + r")\s+(?P<u>dias|ddl)\b)" + _NOT_AGO,
        _terms,
        terms=True,
    ),
    Rule(
        ("dias", "ddl"),
        r"\b(?:com |em |a )?(?P<n>"
        + COUNT
        + r")\s+(?P<u>dias|ddl)\s+(?:de prazo\b|pra pagar\b|para pagar\b|fora\b|ddl\b"
        r"|d[ao] (?:emissao|data|nota|fatura)\b|direto\b|no boleto\b|no cheque\b)",
        _terms,
        terms=True,
    ),
    Rule(("ddl",), r"\b(?P<n>\d{1,3})\s*(?P<u>ddl)\b", _terms, terms=True),
    Rule(("a ",), r"(?<!daqui )\ba\s+" + _N_DAYS + _NOT_AGO, _terms_or_ago, terms=True),
    Rule(("a ",), r"(?<!daqui )\ba\s+(?:uns |umas )?" + _N_DAYS + r"(?!\s+de\b)", _misspelt_ago),
    Rule(
        ("pra ", "para ", "com ", "em ", "p "),
        r"\b(?:"
        + _PAYABLE
        + r")\s*,?\s+(?P<at>(?:pra|para|pros?|com|em)\s+(?P<n>"
        + COUNT
        + r")\s+(?P<u>dias)\b)"
        + _NOT_AGO,
        _terms,
        terms=True,
    ),
    Rule(
        ("dias",),
        r"\b(?:" + _PAYABLE + r")\s*,?\s+(?P<at>(?P<n>\d{1,3})\s+(?P<u>dias)\b)(?=\s*(?:$|[,.;!?\n]))",
        _bare_terms,
        terms=True,
    ),
)
"""Tried first: `30/60/90` is no date, and `a 30 dias` no day of the past."""

RULES: Final[tuple[Rule, ...]] = (
    Rule(("dia util",),
         r"\b(?P<n>ultimo|" + _NTH + r")\s+dia util\b(?:\s+d(?:esse|este|[eo])\s+" + _NAMED_MONTH + r")?",
         _business_day),
    Rule(("ultimo dia",), r"\bultimo dia d[eo] " + _NAMED_MONTH, _last_day),
    Rule(("fim d", "final d", "finzinho d"), r"\b(?:fim|final|finzinho) d[eo] " + _NAMED_MONTH, _end_of_month),
    Rule(("comec", "inicio d"), r"\b(?:comeco|comecinho|inicio) d[eo] " + _NAMED_MONTH, _part_of_month(1, 10)),
    Rule(("meados d", "meio d"), r"\b(?:meados|meio) d[eo] " + _NAMED_MONTH, _part_of_month(11, 20)),
    Rule(("semana de", "semana do"), r"\b(?P<n>primeira|segunda|terceira|quarta|ultima) semana d[eo] " + _NAMED_MONTH,
         _week_of_month),
    Rule(("quinzena",), r"\b(?P<h>primeira|segunda) quinzena\b(?:\s+d[eo]\s+" + _NAMED_MONTH + r")?", _fortnight),
    Rule(("em ", "dentro "), r"\b(?:em|dentro de)\s+(?:ate )?" + _N_DAYS, _in_days),
    Rule(("ontem",), r"\b(?:anteontem|antes de ontem|ante ontem)\b", _at(-2)),
    Rule(("ontem",), r"\b(?:tras ?anteontem)\b", _at(-3)),
    Rule(("amanha",), r"\bdepois de amanha\b", _at(2)),
    Rule(("amanha",), r"\bamanha\b", _at(1)),
    Rule(("ontem",), r"\bontem\b", _at(-1)),
    Rule(("hoje",), r"\b(?:de )?hoje a oito\b(?: dias)?", _at(7)),
    Rule(("hoje", "este dia", "agora"), r"\bhoje\b|\bdo dia\b(?= (?:de )?(?:hoje))|\beste dia\b|\bagora (?:ha )?pouco\b"
         r"|\bagora mesmo\b", _at(0)),
    Rule(("outro dia", "esses dias", "estes dias", "dia desses"),
         r"\b(?:outro dia|n?esses dias|n?estes dias|dia desses)\b", _vague_day),
    Rule(("semana",), r"\bsemana retrasada\b", _week(-2)),
    Rule(("semana",), r"\b(?:semana passada|ultima semana|semana anterior|semana que passou)\b", _week(-1)),
    Rule(("semana",), r"\b(?:semana que vem|proxima semana|semana proxima|semana que entra)\b", _week(1)),
    Rule(("semana",), r"\b(?:proximo )?(?:fim|final) de semana(?: passado| retrasado| que vem| que passou)?\b",
         _weekend),
    Rule(("seman",), r"\b(?:n?essa|n?esta|dess?t?a|da|na|a) semana(?: toda| inteira| atual)?\b|\bsemana atual\b|"
         r"\bsemanal\b", _period(lambda today: (monday_of(today), today))),
    Rule(("mes",), r"\bmes retrasado\b", _month(-2)),
    Rule(("mes",), r"\b(?:mes passado|ultimo mes|mes anterior|mes que passou)\b", _month(-1)),
    Rule(("mes",), r"\b(?:mes que vem|proximo mes|mes seguinte|mes que entra)\b", _month(1)),
    Rule(("mes", "mensal"), r"\b(?:n?esse|n?este|dess?t?e|do|no|o) mes(?: todo| inteiro| atual)?\b(?! (?:de|"
    r"que) [a-z])|"
         r"\bmes atual\b|\bmensal\b", _period(lambda today: (today.replace(day=1), today))),
    Rule(("ano",), r"\bano retrasado\b", _period(lambda today: _year(today.year - 2))),
    Rule(("ano",), r"\b(?:ano passado|ultimo ano|ano anterior)\b", _period(lambda today: _year(today.year - 1))),
    Rule(("ano",), r"\b(?:ano que vem|proximo ano)\b", _period(lambda today: _year(today.year + 1))),
    Rule(("ano", "anual"), r"\b(?:n?esse|n?este|dess?t?e|do|no|o) ano(?: todo| inteiro| atual)?\b(?! novo)|"
         r"\bano atual\b|\banual\b", _period(lambda today: (date(today.year, 1, 1), today))),
    Rule(("trimestre",), r"\b(?:n?esse|n?este|dess?t?e|do|no|o) trimestre\b",
         _period(lambda today: (date(today.year, (today.month - 1) // 3 * 3 + 1, 1), today))),
    Rule(("semestre",), r"\b(?:n?esse|n?este|dess?t?e|do|no|o) semestre\b",
         _period(lambda today: (date(today.year, 1 if today.month <= 6 else 7, 1), today))),
    Rule(tuple(key.split()[-1] for key in (*_FIXED, *_MOVABLE)),
         r"\b(?:no|na|ate o|ate a|no dia de|dia de|depois d[oea]|antes d[oea]|pro|pra|para o|para a) "
         r"(?P<at>(?:feriado d[eao] )?(?P<h>" + _HOLIDAYS + r"))\b", _holiday),
)  # fmt: skip
