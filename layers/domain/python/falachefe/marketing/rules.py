"""Rules for campaigns and their rates. Pure."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from falachefe.kernel.errors import invalid_field
from falachefe.kernel.text import one_line, paragraphs

SEGMENT_LABELS: Final[Mapping[str, str]] = {
    "all": "todos os contatos",
    "active": "contatos ativos",
    "inactive": "contatos inativos",
    "new": "contatos novos",
}
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
