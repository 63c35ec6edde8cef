"""Rules for campaigns, their sending and their rates. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from falachefe.kernel.errors import Conflict, Forbidden, invalid_field
from falachefe.kernel.text import one_line, paragraphs

SEGMENT_LABELS: Final[Mapping[str, str]] = {
    "all": "todos os contatos",
    "active": "contatos ativos",
    "inactive": "contatos inativos",
    "new": "contatos novos",
}
SEGMENT_WORDS: Final[Mapping[str, str]] = {"active": "ativos", "inactive": "inativos", "new": "novos"}
STATUS_LABELS: Final[Mapping[str, str]] = {
    "draft": "rascunho",
    "scheduled": "agendada",
    "sending": "em envio",
    "sent": "enviada",
    "cancelled": "cancelada",
}
MAX_NAME_LENGTH: Final = 80
MAX_MESSAGE_LENGTH: Final = 1000
"""Characters. A template body of the Cloud API holds 1,024; the rest is for the line on how to opt out."""
OPT_OUT_LINE: Final = "Para não receber mais, responda *parar*."
MOST_PEOPLE: Final = 50
"""How many people a campaign may go to without the permission `LARGE`."""
LARGE: Final = "marketing.send_large"
MAX_AHEAD: Final = timedelta(days=366)


def campaign_name(name: str) -> str:
    shown = one_line(name)
    if not shown:
        raise invalid_field("name", "Dê um nome à campanha.", "name_empty")
    if len(shown) > MAX_NAME_LENGTH:
        raise invalid_field("name", f"O nome da campanha passa de {MAX_NAME_LENGTH} caracteres.", "name_long")
    return shown


def campaign_message(message: str) -> str:
    shown = paragraphs(message)
    if not shown:
        raise invalid_field("message", "Escreva a mensagem da campanha.", "message_empty")
    if len(shown) > MAX_MESSAGE_LENGTH:
        raise invalid_field("message", f"A mensagem passa de {MAX_MESSAGE_LENGTH} caracteres.", "message_long")
    return shown


def campaign_segment(segment: str) -> str:
    if segment not in SEGMENT_LABELS:
        known = ", ".join(f"{code} ({label})" for code, label in SEGMENT_LABELS.items())
        raise invalid_field("segment", f"Segmento desconhecido. Use: {known}.", "segment_unknown")
    return segment


def rate(part: int, whole: int) -> Decimal | None:
    """`part` of `whole` in per cent with one decimal place; None when `whole` is zero."""
    if whole <= 0:
        return None
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)


def sending_time(at: datetime | None, now: datetime) -> datetime:
    """When a campaign starts; without `at`, now. Raises `InvalidInput` for a time that has passed or is far ahead."""
    if at is None:
        return now
    if at <= now:
        raise invalid_field("at", "Esse horário já passou. Para quando é o envio?", "sending_past")
    if at > now + MAX_AHEAD:
        raise invalid_field("at", "Essa data está longe demais: agende até um ano antes.", "sending_far")
    return at


def refuse_to_send(status: str) -> None:
    """Raises `Conflict` for a campaign that was sent, is being sent or was cancelled."""
    if status not in ("draft", "scheduled"):
        raise Conflict(f"Essa campanha já está {STATUS_LABELS[status]}.", code="campaign_not_draft")


def refuse_to_cancel(status: str) -> None:
    """Raises `Conflict` for a campaign that has ended."""
    if status == "sent":
        raise Conflict("Essa campanha já foi enviada, não dá mais para cancelar.", code="campaign_sent")
    if status == "cancelled":
        raise Conflict("Essa campanha já está cancelada.", code="campaign_cancelled")


def refuse_too_many(people: int, most: int | None) -> None:
    """Raises `Forbidden` when the audience is larger than whoever sends may send to."""
    if most is not None and people > most:
        raise Forbidden(
            f"São {people} pessoas, e você pode enviar para até {most}. Peça a um administrador que envie, ou escolha "
            "um público menor.",
            code="audience_too_large",
        )


def text_to_send(message: str) -> str:
    return f"{message}\n\n{OPT_OUT_LINE}"


def most_people(*, may_send_to_many: bool) -> int | None:
    """The largest audience that somebody may send to; None for any. `LARGE` is the permission to send to many."""
    return None if may_send_to_many else MOST_PEOPLE
