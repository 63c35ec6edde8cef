"""Orders about campaigns that exist, and how many customers there are."""

from datetime import date, datetime, time
from typing import Final

from falachefe.language.spans.days import read_days
from falachefe.language.subjects.interpretation import Draft, Interpretation, for_tool
from falachefe.language.subjects.marketing.drafts import campaign_name, segment_in
from falachefe.language.subjects.wording import order
from falachefe.language.text.normalize import Text, rx
from falachefe.language.types import JsonValue

_SEND: Final = (
    r"envi(?:a|ar|e)|dispar(?:a|ar|e)|mand(?:a|ar|e)|solt(?:a|ar|e)|public(?:a|ar)|lanc(?:a|ar|e)|agend(?:a|ar|e)|"
    r"program(?:a|ar|e)"
)
_STOP: Final = (
    r"cancel(?:a|ar|e)|par(?:a|ar|e)|suspend(?:e|er|a)|interromp(?:e|er)|apag(?:a|ar|ue)|exclu(?:i|ir|a)|"
    r"delet(?:a|ar|e)|nao (?:envi\w+|mand\w+|dispar\w+)(?: mais)?"
)


def parse_campaign_send(text: Text, now: datetime) -> Interpretation | None:
    """`envia a campanha Natal`, `dispara a campanha Natal amanhã às 10`; a new text is `create_campaign`."""
    ordered = order(text, _SEND)
    if ordered is None or not rx(r"\s+(?:ja |logo |agora )?(?:a |aquela |essa |minha )(?:campanha|promocao)\b").match(
        text.plain, ordered.end()
    ):
        return None
    if text.has(r"[:\"]|\b(?:dizendo|falando|avisando|com (?:a mensagem|o texto)|nova|um[ae]?)\b"):
        return None
    name = _name(text)
    args: dict[str, JsonValue] = {"name": name} if name else {}
    at = _moment(text, now)
    if at:
        args["at"] = at.isoformat()
    return for_tool(Draft("send_campaign", args, () if name else ("name",)), confidence=0.93)


def parse_campaign_cancel(text: Text) -> Interpretation | None:
    """`cancela a campanha de Natal`."""
    ordered = order(text, _STOP)
    if ordered is None or not rx(
        r"\s+(?:com |o envio d|mais )*(?:a |essa |aquela |minha |o disparo d)*(?:campanha|promocao|disparo)\b"
    ).match(text.plain, ordered.end()):
        return None
    name = _name(text)
    return for_tool(
        Draft("cancel_campaign", {"name": name} if name else {}, () if name else ("name",)), confidence=0.93
    )


_WHEN_SAID: Final = (
    r"(?i)\s+(?:(?:pr[ao]|para) )?(?:amanh[ãa]|hoje|agora|dia \d+|[àa]s \d+|(?:n?a )?(?:segunda|ter[çc]a|quarta|quinta|"
    r"sexta)|(?:n?o )?(?:s[áa]bado|domingo)).*$"
)


def _name(text: Text) -> str | None:
    """The campaign's name without the time to send it at."""
    return rx(_WHEN_SAID).sub("", campaign_name(text) or "") or None


def _moment(text: Text, now: datetime) -> datetime | None:
    days = [d for d in read_days(text, now.date(), prefer="future") if d.kind == "day"]
    hour = text.find(r"\bas (\d{1,2})(?:[:h](\d{2})?)?(?!\d)|\bao? meio[ -]dia\b")
    if not days and not hour:
        return None
    at = (
        time(int(hour.group(1)) % 24, int(hour.group(2) or 0) % 60)
        if hour and hour.group(1)
        else time(12 if hour else 9)
    )
    day: date = days[0].first if days else now.date()
    return datetime.combine(day, at, now.tzinfo)


_COUNT: Final = (
    r"\b(?:quant[oa]s|total de|numero de|qual o (?:total|numero) de)\s+(?:sao (?:os |as )?|meus |minhas |os |as |"
    r"nov[oa]s )*(?P<what>clientes?|contatos?|fregueses|pessoas na (?:base|lista)|inativos|tutores|alunos)\b"
)


def parse_contact_count(text: Text) -> Interpretation | None:
    """`quantos clientes eu tenho?`, `quantos clientes inativos?`"""
    counted = text.find(_COUNT)
    if counted is None or text.has(
        r"\b(?:campanha|respond\w+|abriram|compraram|receberam|vieram|atend\w+|pagaram|devem|devendo|reclam\w+|voces|"
        r"faltaram)\b"
    ):
        return None
    segment = segment_in(text.plain)
    return for_tool(Draft("count_contacts", {"segment": segment} if segment != "all" else {}), confidence=0.92)
