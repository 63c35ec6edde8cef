"""Times of day, waits and repetitions: `às 9`, `amanhã de manhã`, `daqui a 2 horas`, `toda sexta às 17h`."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from falachefe.language.days.calendar import add_months
from falachefe.language.days.number_words import COUNTS
from falachefe.language.spans.days import read_days
from falachefe.language.text.normalize import Text, rx

type Repeats = Literal["daily", "weekly", "monthly"]

DEFAULT_TIME: Final = time(9)
"""When a day is named and no time."""

_HOUR: Final = r"(?P<h>\d{1,2}|" + "|".join(COUNTS) + r")"
_CLOCK: Final = (
    r"\b(?:(?:as|a|pelas|la pelas|por volta das?|umas|ate as|tipo)\s+)?"
    + _HOUR
    + r"(?:\s*(?::|h|hs|horas? e)\s*(?P<m>[0-5]\d)\b|\s*(?P<half>e meia)\b|\s*(?:h|hs|hrs|horas?)\b)"
    r"(?:\s*(?:h|hs|horas)\b)?"
    r"(?:\s+(?:d[ae]|em)\s+(?P<part>manha|tarde|noite|madrugada))?"
    r"|\b(?:as|pelas|la pelas)\s+"
    + _HOUR.replace("?P<h>", "?P<bare>")
    + r"\b(?:\s+(?P<halved>e meia)\b)?(?:\s+d[ae]\s+(?P<bare_part>manha|tarde|noite|madrugada))?"
    r"(?!\s*(?:reais|%|/|[.,]\d))"
    r"|\b(?:ao? )?(?P<noon>meio[ -]dia(?: e meia)?)\b|\b(?P<midnight>meia[ -]noite)\b"
)
_PART_OF_DAY: Final = {
    "manha": time(9), "cedo": time(8), "tarde": time(14), "noite": time(19), "fim do dia": time(18),
    "final do dia": time(18), "fim da tarde": time(17), "final da tarde": time(17), "depois do almoco": time(14),
}  # fmt: skip
_PART: Final = (
    r"\b(?:de|da|pela|a|no|na|bem|amanha)\s+(?P<p>manha|cedo|tarde|noite|fim do dia|final do dia|fim da tarde|"
    r"final da tarde)\b"
    r"|\b(?P<q>depois do almoco|cedinho|cedo)\b"
)
_WAIT: Final = (
    r"\b(?:daqui (?:a )?|em |dentro de )(?:uns |umas )?(?:(?P<n>\d{1,3}|"
    + "|".join(COUNTS)
    + r")\s*(?P<u>minutos?|min|horas?|hrs?|h)\b(?P<half> e meia)?|(?P<halfhour>meia hora))"
)
_MONTHLY: Final = (
    r"\btodo (?:santo )?dia (?:\d{1,2}(?:º|o)?|primeiro)(?!\d)|\btodo mes\b|\btodos os meses\b|\bmensal(?:mente)?\b|"
    r"\buma vez por mes\b"
)
_WEEKLY: Final = (
    r"\btod[oa]s? (?:as? |os? )?(?:segunda|terca|quarta|quinta|sexta|sabado|domingo)s?\b|\btoda semana\b|"
    r"\btodas as semanas\b|\bsemanal(?:mente)?\b|\buma vez por semana\b"
)
_DAILY: Final = r"\btodo (?:santo )?dia\b|\btodos os dias\b|\btoda (?:manha|noite|tarde)\b|\bdiari(?:o|amente)\b"
_REPEATS: Final[tuple[tuple[str, Repeats], ...]] = ((_MONTHLY, "monthly"), (_WEEKLY, "weekly"), (_DAILY, "daily"))


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in the company's time zone, in the future of the message. `spans` are the words that told it.

    `timed` is false when only a day was named: `at` is then `DEFAULT_TIME` of that day, or an hour from now when that
    has passed today.
    """

    at: datetime
    spans: tuple[tuple[int, int], ...]
    timed: bool
    repeats: Repeats | None = None


def read_moment(text: Text, now: datetime) -> Moment | None:
    """When something shall happen; None when the message tells neither a day nor a time."""
    waiting = text.find(_WAIT)
    if waiting:
        return Moment(now + _wait(waiting), (waiting.span(),), timed=True)
    repeats, repeated = _repeats(text)
    clock, clock_span = _clock(text)
    days = [d for d in read_days(text, now.date(), prefer="future") if d.kind == "day" and d.first >= now.date()]
    spans = tuple(span for span in (repeated, clock_span) if span) + tuple((d.start, d.end) for d in days)
    if not spans:
        return None
    day = days[0].first if days else _first_day(repeats, clock, now)
    at = datetime.combine(day, clock or DEFAULT_TIME, now.tzinfo)
    if at <= now:
        at = _next(at, now, repeats, dated=bool(days), timed=clock is not None)
    return Moment(at, spans, timed=clock is not None, repeats=repeats)


def _wait(match: re.Match[str]) -> timedelta:
    groups = match.groupdict()
    if groups["halfhour"]:
        return timedelta(minutes=30)
    count = COUNTS.get(groups["n"]) or int(groups["n"])
    if groups["u"].startswith("m"):
        return timedelta(minutes=count)
    return timedelta(hours=count, minutes=30 if groups["half"] else 0)


def _repeats(text: Text) -> tuple[Repeats | None, tuple[int, int] | None]:
    for pattern, repeats in _REPEATS:
        if found := text.find(pattern):
            return repeats, found.span()
    return None, None


def _clock(text: Text) -> tuple[time | None, tuple[int, int] | None]:
    for found in rx(_CLOCK).finditer(text.plain):
        at = _time_of(found.groupdict())
        if at is not None:
            return at, found.span()
    part = text.find(_PART)
    if part is None:
        return None, None
    return _PART_OF_DAY[(part.group("p") or part.group("q")).replace("cedinho", "cedo")], part.span()


def _time_of(said: dict[str, str | None]) -> time | None:
    if said["noon"]:
        return time(12, 30 if "meia" in said["noon"] else 0)
    if said["midnight"]:
        return time(0)
    word = said["h"] or said["bare"] or ""
    hour = COUNTS.get(word) or int(word)
    part = said["part"] or said["bare_part"]
    if hour > 23:
        return None
    if (part in ("tarde", "noite") and hour < 12) or (part is None and 1 <= hour <= 6):
        hour += 12  # people in an office say `às 3` for the afternoon
    minute = int(said["m"] or 0) or (30 if said["half"] or said["halved"] else 0)
    return time(hour % 24, minute)


def _first_day(repeats: Repeats | None, clock: time | None, now: datetime) -> date:
    if repeats == "monthly" and clock is None:
        return add_months(now.date(), 1)
    if repeats == "weekly" and clock is None:
        return now.date() + timedelta(days=7)
    return now.date()


def _next(at: datetime, now: datetime, repeats: Repeats | None, *, dated: bool, timed: bool) -> datetime:
    """The moment moved into the future: by its repetition, to tomorrow, or for a day without a time by an hour."""
    if repeats == "weekly":
        return at + timedelta(days=7)
    if repeats == "monthly":
        return datetime.combine(add_months(at.date(), 1), at.timetz())
    if repeats == "daily" or not dated:
        return at + timedelta(days=1)
    if timed:
        return at + timedelta(hours=12) if at.hour < 12 and at + timedelta(hours=12) > now else at + timedelta(days=1)
    return (now + timedelta(hours=1)).replace(second=0, microsecond=0)
