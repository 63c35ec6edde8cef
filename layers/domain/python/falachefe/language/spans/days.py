"""Reads the days and periods of a message, each with its role."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from re import Match
from typing import Final

from falachefe.language.days.calendar import Prefer, nearest_weekday
from falachefe.language.days.not_days import not_days
from falachefe.language.days.periods import RULES as PERIODS
from falachefe.language.days.periods import TERMS
from falachefe.language.days.phrases import LAST_RULES, RULES, Found, Rule
from falachefe.language.spans.day_roles import Cue, role_at, side_of, tense_at, verb_cues
from falachefe.language.spans.types import When, WhenRole
from falachefe.language.text.blanking import masked
from falachefe.language.text.normalize import Text, rx

_RULES: Final[tuple[Rule, ...]] = (*TERMS, *RULES, *PERIODS, *LAST_RULES)
_MAY_HOLD_A_DAY: Final = (
    r"\d|hoje|ontem|amanha|agora|\bdia|seman|mes\b|meses|\bano\b|anual|mensal|segunda|terca|quarta|quinta|sexta|sabado|"
    r"domingo|janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro|quinzena|"
    r"trimestre|semestre|natal|reveillon|\bna (?:seg|qua|qui|sex)\b|carnaval|pascoa|ano novo|black friday|finados"
)
_JOINS: Final = r"^\s*(?:a|ate|ao|ate o|ate a|-)\s+(?:o |a )?(?:dia )?$"
_FAR: Final = timedelta(days=60)
_LONG_AHEAD: Final = timedelta(days=300)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What all rules share: `prefer` is the caller's tense for the message, `cues` are its verbs."""

    plain: str
    today: date
    prefer: Prefer | None
    cues: Sequence[Cue]

    def tense_at(self, start: int) -> Prefer | None:
        return self.prefer or tense_at(self.plain, start, self.cues)


def read_days(
    text: Text, today: date, taken: Sequence[tuple[int, int]] = (), prefer: Prefer | None = None
) -> tuple[When, ...]:
    """The days and periods in `text`, in order; `taken` are offsets that others have read.

    `prefer` is the side of today on which an ambiguous `dia 5` or `sexta` lies where its role leaves that open; without
    it the verb of the clause decides. A day without a year or month that a past verb would put over 60 days back, and
    a day ahead with a past verb, is not `exact`. A period that has not ended is: `este mês gastei 50` is today's.
    """
    plain = text.plain
    if not rx(_MAY_HOLD_A_DAY).search(plain):
        return ()
    free = masked(plain, [*taken, *not_days(text)])
    reading = _Reading(plain, today, prefer, verb_cues(plain))
    found: list[When] = []
    for rule in _RULES:
        if rule.needs and not any(word in free for word in rule.needs):
            continue
        for match in rx(rule.pattern).finditer(free):
            read = list(_whens(rule, match, reading))
            if read:
                found.extend(read)
                free = masked(free, [(read[0].start, read[-1].end)])
    found.sort(key=lambda when: when.start)
    return tuple(_joined(found, reading))


def _whens(rule: Rule, match: Match[str], reading: _Reading) -> Iterator[When]:
    plain, today = reading.plain, reading.today
    start, end = match.span("at") if "at" in match.re.groupindex else match.span()
    start += len(plain[start:end]) - len(plain[start:end].lstrip())
    role: WhenRole = "terms" if rule.terms else role_at(plain, start, end, is_period=False)
    tense = reading.tense_at(start)
    side = side_of(role, plain, start, tense or "past")
    read = rule.read(match, today, side)
    if role == "due" and side == "future" and read and read[0].first - today > _LONG_AHEAD:
        # `vencimento 28/03` said in April: it is overdue.
        read = rule.read(match, today, "past")
    for one in read:
        at = one.span or (start, end)
        if one.kind == "range" and role == "happened":
            role = role_at(plain, start, end, is_period=True)
        doubtful = role == "happened" and _is_doubtful(one, plain[max(0, start - 3) : end], today, tense)
        running = one.kind == "range" and one.first <= today <= one.last
        yield When(at[0], at[1], one.first, one.last, one.kind, role, (one.exact or running) and not doubtful)


def _is_doubtful(found: Found, phrase: str, today: date, tense: Prefer | None) -> bool:
    """A day ahead with a verb in the past, or one so far back that another year may be meant."""
    if tense == "future" or found.kind != "day":
        return False
    if found.first > today:
        return tense == "past"
    if today - found.first <= _FAR or rx(r"20\d\d|/\d{1,2}/|atras|\bha\b|\bfaz\b").search(phrase):
        return False
    # `receita de 3 de março`: a day of this year that is named in full is meant.
    return not (found.first.year == today.year and rx(r"^de \d{1,2} de [a-z]").match(phrase))


# ---- two days that are one period


def _joined(found: list[When], reading: _Reading) -> list[When]:
    """`de segunda a sexta`, `do dia 10 ao dia 20`: two days with a connector between them are one period."""
    result: list[When] = []
    for when in found:
        last = result[-1] if result else None
        if last and last.kind == when.kind == "day":
            between = reading.plain[last.end : when.start]
            tense = reading.tense_at(last.start) or "past"
            if rx(_JOINS).match(between):
                first, end = _ends(last, when, reading, tense)
                result[-1] = When(last.start, when.end, first, end, "range", last.role, exact=True)
                continue
            if tense == "past" and rx(r"^\s*(?:e|,)\s*(?:na |no )?$").match(between):
                result.append(_in_order(last, when, reading))
                continue
        result.append(when)
    return result


def _ends(one: When, two: When, reading: _Reading, tense: Prefer) -> tuple[date, date]:
    """Both ends in order. Of two weekdays, the last one of the past or the first one ahead fixes the other."""
    if not (_is_weekday(reading.plain, one) and _is_weekday(reading.plain, two)):
        last = two.first
        while last < one.first:
            last += timedelta(days=7)
        return one.first, last
    if tense == "past":
        last = reading.today if two.first == reading.today - timedelta(days=7) else two.first
        return nearest_weekday(one.first.weekday(), last, "past"), last
    return one.first, nearest_weekday(two.first.weekday(), one.first, "future")


def _in_order(one: When, two: When, reading: _Reading) -> When:
    """`faltou segunda e terça` said on a Tuesday: the second day is today, not a week ago."""
    later = two.first + timedelta(days=7)
    weekdays = _is_weekday(reading.plain, one) and _is_weekday(reading.plain, two)
    if weekdays and two.first < one.first and later <= reading.today:
        return When(two.start, two.end, later, later, "day", two.role, two.exact)
    return two


def _is_weekday(plain: str, when: When) -> bool:
    return (
        rx(r"^(?:segunda|terca|quarta|quinta|sexta|sabado|domingo|[2-6][aª])").match(plain[when.start : when.end])
        is not None
    )
