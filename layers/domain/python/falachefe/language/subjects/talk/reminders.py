"""Reminders: asking for one, listing and cancelling them."""

from datetime import datetime
from typing import Final

from falachefe.language.spans.times import Moment, read_moment
from falachefe.language.subjects.interpretation import Draft, Interpretation, for_tool
from falachefe.language.subjects.wording import REMOVE, object_of, order, pointer
from falachefe.language.text.normalize import Text, rx
from falachefe.language.types import JsonValue

_REMIND: Final = (
    r"\b(?:me|nos) (?:lembr(?:a|ar|e|es)|record(?:a|ar|e)|alert(?:a|ar|e)|avis(?:a|ar|e)|cobr(?:a|ar|e)(?= (?:de|que|"
    r"pra|para)\b)|"
    r"cham(?:a|ar|e)(?= pr[ao] |(?=.{0,20}\bde )))\b(?:-me)?(?: (?:ai|aqui|por favor))?"
    r"|\blembr(?:e-me|a eu|a de|ar de|e de|a que)\b|\bnao (?:me )?(?:deix(?:a|e|ar)|deixes) (?:eu |que eu |"
    r"me )?(?:esquec\w+)\b"
    r"|\b(?:(?:cri(?:a|ar|e)|faz|fazer|marc(?:a|ar|e)|agend(?:a|ar|e)|anot(?:a|ar|e)|bot(?:a|ar|e)|coloc(?:a|ar)|poe|"
    r"quero|registr(?:a|ar)|"
    r"adicion(?:a|ar)|preciso de|programa) (?:ai )?(?:um |o |outro |meu )?)?lembrete\b(?!s)|"
    r"\bpr[ao] (?:eu )?nao (?:me )?esquecer\b"
)
_NO_REMINDER: Final = (
    r"\b(?:lembr|avis|record)\w* (?:pr[ao]s |a?os |as |todos |todas |meus )?(?:os |as )?(?:clientes?|contatos|"
    r"tutores|alunos|fregueses|pessoal|"
    r"equipe|todo mundo|funcionari\w+)\b|\bme (?:avis\w+|cham\w+) (?:quando|se|assim que|caso)\b|"
    r"\bme lembra (?:quanto|quem|qual|quando|o que|como|"
    r"onde|pra que) (?!.*\b(?:as \d|amanha|dia \d|segunda|terca|quarta|quinta|sexta))|\blembr\w+ d[eo] (?:mim|voce)\b"
)
_LEAD: Final = (
    r"^[\s,:;.\-]*(?:(?:por favor|ai|aqui|pra mim|e|que|de|pra|para|do|da|sobre|eu|a gente|nos|tenho (?:que|de)|"
    r"temos (?:que|de)|preciso|"
    r"precisamos|devo|vou ter que|nao posso esquecer|um|lembrete|anotado|anota|deixa|:)\b[\s,:;\-]*)*"
)
_TAIL: Final = (
    r"[\s,.;:!?\-]*(?:\b(?:por favor|pfv|ta|viu|ok|ai|obrigad[oa]|"
    r"de|do|da|no|na|em|pra|para|as|a|e|que|me|por|toda|todo)\b[\s,.;:!?\-]*)*$"
)


def parse_reminder(text: Text, now: datetime) -> Interpretation | None:
    """`me lembra dia 5 de pagar o DAS`, `lembrete: reunião amanhã às 15h`, `toda sexta me cobra de fechar o caixa`."""
    asked = text.find(_REMIND)
    if asked is None or text.has(_NO_REMINDER):
        return None
    if asked.group().startswith("pr") and not text.has(r"\b(?:amanha|dia|segunda|terca|quarta|quinta|sexta|as \d)\b"):
        return None
    moment = read_moment(text, now)
    said = _what(text, asked.span(), moment)
    args: dict[str, JsonValue] = {}
    missing: list[str] = []
    for slot, value in (("text", said), ("at", moment.at.isoformat() if moment else None)):
        if value:
            args[slot] = value
        else:
            missing.append(slot)
    if not said and not moment and not text.has(r"\blembrete\b"):
        return None
    if moment and moment.repeats:
        args["repeats"] = moment.repeats
    return for_tool(Draft("remind", args, tuple(missing)), confidence=0.95)


def _what(text: Text, asked: tuple[int, int], moment: Moment | None) -> str | None:
    """What to remind of: the longest stretch beside the words that ask for it and tell the time."""
    spans = sorted([asked, *(moment.spans if moment else ())])
    pieces, start = [], 0
    for first, last in [*spans, (len(text.plain), len(text.plain))]:
        if first > start:
            pieces.append((start, first))
        start = max(start, last)
    told = [_trimmed(text, *piece) for piece in pieces]
    after = [piece for piece in told if piece[1] > piece[0] and piece[0] >= asked[1]]
    chosen = max(after or told, key=lambda piece: piece[1] - piece[0], default=(0, 0))
    return text.original(*chosen).strip(" .,;:!?-\"'“”") or None if chosen[1] - chosen[0] > 2 else None


def _trimmed(text: Text, start: int, end: int) -> tuple[int, int]:
    piece = text.plain[start:end]
    lead = rx(_LEAD).match(piece)
    begin = lead.end() if lead else 0
    tail = rx(_TAIL).search(piece, begin)
    return start + begin, start + (tail.start() if tail else len(piece))


_LIST: Final = (
    r"\b(?:quais|list\w+|mostr\w+|ver|que|tenho|tem|cade|meus|me (?:diz|fala|mostra|manda|"
    r"passa))\b.{0,20}\blembretes?\b|^\W*(?:meus )?lembretes\W*$|"
    r"\bo que (?:voce |vc )?(?:vai|tem pra|ficou de) me lembrar\b"
)
_CANCEL: Final = REMOVE + r"|par(?:a|ar|e) com|desativ\w+"
_NO_MORE: Final = (
    r"\b(?:nao precisa (?:mais )?(?:me )?(?:lembrar|avisar)|para de (?:me )?(?:lembrar|avisar))"
    r"(?: mais)?(?: (?:de|do|da|sobre))?\s+"
)


def parse_reminder_list(text: Text) -> Interpretation | None:
    """`quais lembretes eu tenho?`"""
    if not text.has(_LIST) or text.has(
        r"\b(?:cri|anot|marc|agend|cancel|apag|exclu|remov|tir|delet)\w*\b.{0,12}\blembrete"
    ):
        return None
    return for_tool(Draft("list_reminders"), confidence=0.93)


def parse_reminder_cancel(text: Text) -> Interpretation | None:
    """`cancela o lembrete do contador`, `não precisa mais me lembrar de pagar o DAS`."""
    ordered = order(text, _CANCEL)
    named = text.find(r"\blembretes?\b(?:\s+(?:d[aeo]s?|sobre|pr[ao]|para|numero))?\s*")
    if ordered and named and named.start() - ordered.end() < 12:
        start, end = object_of(text, named.end())
    elif no_more := text.find(_NO_MORE):
        start, end = object_of(text, no_more.end())
    else:
        return None
    return for_tool(Draft("cancel_reminder", {"reminder": pointer(text, start, end) or "último"}), confidence=0.93)
