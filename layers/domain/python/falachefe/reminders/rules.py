"""Rules of reminders: what may be asked for, when a repetition is due, and how times are worded. Pure."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from falachefe.kernel import brazil
from falachefe.kernel.clock import clock_in_words, when_in_words
from falachefe.kernel.errors import Conflict, invalid_field
from falachefe.kernel.text import paragraphs

type Repeats = Literal["daily", "weekly", "monthly"]

MAX_TEXT_LENGTH: Final = 500
MAX_AHEAD: Final = timedelta(days=3 * 366)
MAX_PENDING: Final = 200
"""Reminders of one person that are still to be sent."""
EARLY: Final = timedelta(seconds=30)
"""The worker runs each minute, at any second of it: with what is due within 30 s, nothing is sent more than 30 s early
or late."""
LATE: Final = timedelta(minutes=2)
"""From then on the message says for when it was."""
REPEATS_LABELS: Final = {"daily": "todo dia", "weekly": "toda semana", "monthly": "todo mês"}
STATUS_LABELS: Final = {"pending": "por enviar", "sent": "enviado", "cancelled": "cancelado"}


def reminder_text(text: str) -> str:
    shown = paragraphs(text)
    if not shown:
        raise invalid_field("text", "Diga do que é o lembrete.", "reminder_empty")
    if len(shown) > MAX_TEXT_LENGTH:
        raise invalid_field("text", f"O lembrete passa de {MAX_TEXT_LENGTH} caracteres.", "reminder_long")
    return shown


def due_time(at: datetime, now: datetime) -> datetime:
    """The moment in UTC. Raises `InvalidInput` for one that has passed or is over three years ahead."""
    if at <= now:
        raise invalid_field("at", "Esse horário já passou. Para quando é o lembrete?", "reminder_past")
    if at > now + MAX_AHEAD:
        raise invalid_field("at", "Essa data está longe demais: lembro até três anos antes.", "reminder_far")
    return at.astimezone(UTC)


def changed_status(before: str, after: str) -> str:
    """The new status. Raises `Conflict` for one that was sent, which can neither be cancelled nor sent again."""
    if before == "sent" and after != before:
        raise Conflict("Este lembrete já foi enviado.", code="reminder_sent")
    return after


def in_zone(day: date, clock: time, zone: str) -> datetime:
    """The moment, in UTC, when clocks in the zone show this time.

    A time that is skipped when clocks go forward is moved forward by the same hour; of one that comes twice, the first.
    """
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


def occurrence(start: datetime, repeats: Repeats, number: int, zone: str) -> datetime:
    """The `number`th repetition after `start` (0 is `start`), at the same time of the zone's clock."""
    first = start.astimezone(ZoneInfo(zone))
    if number == 0:
        return start.astimezone(UTC)
    return in_zone(_day_of(first.date(), repeats, number), first.time(), zone)


def _day_of(first: date, repeats: Repeats, number: int) -> date:
    """A day that a month does not have becomes its last one."""
    if repeats == "daily":
        return first + timedelta(days=number)
    if repeats == "weekly":
        return first + timedelta(weeks=number)
    years, month = divmod(first.month - 1 + number, 12)
    year = first.year + years
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


def latest(start: datetime, repeats: Repeats, until: datetime, zone: str) -> int:
    """The number of the last repetition that is not after `until`; 0 when even `start` is."""
    first, last = start.astimezone(ZoneInfo(zone)).date(), until.astimezone(ZoneInfo(zone)).date()
    if repeats == "monthly":
        about = (last.year - first.year) * 12 + last.month - first.month
    else:
        about = (last - first).days // (7 if repeats == "weekly" else 1)
    number = max(0, about + 1)
    while number > 0 and occurrence(start, repeats, number, zone) > until:
        number -= 1
    return number


def repeats_in_words(start: datetime, repeats: Repeats, zone: str) -> str:
    """`todo dia às 9h`, `toda segunda às 8h`, `todo dia 5 às 9h30`."""
    local = start.astimezone(ZoneInfo(zone))
    if repeats == "weekly":
        every = "todo" if local.weekday() > 4 else "toda"
        return f"{every} {brazil.WEEKDAYS[local.weekday()]} {clock_in_words(local)}"
    return f"todo dia {f'{local.day} ' if repeats == 'monthly' else ''}{clock_in_words(local)}"


def message(text: str, due: datetime, now: datetime, zone: str) -> str:
    """What is sent. One that is late says for when it was."""
    if now - due < LATE:
        return f"Lembrete: {text}"
    return f"Lembrete atrasado, era para {when_in_words(due, now, zone)}: {text}"
