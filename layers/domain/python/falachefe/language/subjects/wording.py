"""How orders and questions begin and end in chat, and the words that point at a row."""

import re
from functools import cache
from typing import Final

from falachefe.language.text.normalize import Text, rx

_POLITE: Final = (
    r"(?:(?:oi+|ola|opa|e ai|bom dia|boa tarde|boa noite|por favor|por gentileza|chefe|amigo|entao|agora|ai|ah|ei|e|ou|"
    r"ja|tambem|so|voce|vc|pode|podes|podia|poderia|consegue|conseguiria|da pra|tem como|quero que|quero|queria|"
    r"preciso|"
    r"gostaria de|gostaria|vamos|bora|favor|me faz o favor de|faz o favor de|me|pra mim|eu|a gente|mas|nao,|epa,?|"
    r"opa,?|"
    r"ops,?|eita,?|desculpa,?|desculpe,?|errei,?|aproveita e|depois|esquece|deixa|pera|perai|ok|beleza|certo|"
    r"obrigad[oa],?)[\s,.!:]+)*"
)
_WISHED: Final = (
    r"\b(?:(?:queria|quero|preciso|gostaria|pedir|pra) que (?:voce |vc |tu )?|(?:voce |vc )?(?:pode|podia|poderia|"
    r"consegue) )"
    r"(?:me |por favor )?"
)
REMOVE: Final = r"cancel(?:a|ar|e)|apag(?:a|ar|ue)|exclu(?:i|ir|a)|remov(?:e|er|a)|tir(?:a|ar|e)|delet(?:a|ar|e)"
"""Verbs of an order that takes a row away, as a pattern for `order`."""

_COURTESY: Final = (
    r"(?:[\s,]+(?:por favor|por gentileza|pfv|favor|ai|aqui|pra mim|viu|ta|ok|obrigad[oa]|valeu|chefe|sim|ja|agora|"
    r"do sistema|da lista|do caixa|logo))+[\s.!?]*$"
)
_REASON: Final = (
    r"[,.;]|\b(?:porque|pois|que eu (?:lancei|anotei|registrei|coloquei|mandei|te mandei|falei)|que (?:lancei|anotei|"
    r"registrei|coloquei)|que (?:foi|esta|ta|ficou|saiu|lancou) (?:lancad[oa] )?(?:errad[oa]|duplicad[oa]|repetid[oa])|"
    r"foi engano|esta errad[oa]|lancei errado|era engano|nao (?:era|foi|valeu))\b"
)


def order(text: Text, verbs: str) -> re.Match[str] | None:
    """The match of one of `verbs` (a pattern) where a message gives an order.

    That is at its start, after courtesy, or anywhere after a wish (`eu queria que você tirasse …`).
    """
    at_start, wished = _order_patterns(verbs)
    return at_start.match(text.plain) or wished.search(text.plain)


@cache
def _order_patterns(verbs: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Kept by `verbs`: every message is tried with a dozen of them, and the patterns are long."""
    named = rf"(?P<verb>(?:{verbs})\b)"
    return re.compile(rf"^\W*{_POLITE}{named}"), re.compile(_WISHED + named)


def object_of(text: Text, start: int, *, keep_comma: bool = False) -> tuple[int, int]:
    """The offsets of what an order is about: from `start` to a reason, a comma or closing courtesy."""
    end = len(text.plain)
    stop = rx(_REASON if not keep_comma else _REASON.replace("[,.;]", r"[;\n]")).search(text.plain, start)
    if stop:
        end = stop.start()
    courtesy = rx(_COURTESY).search(text.plain[:end], start)
    if courtesy:
        end = courtesy.start()
    return start, end


def pointer(text: Text, start: int, end: int) -> str:
    """The words that point at a row, as written, without the article and the noun that say nothing."""
    lead = rx(
        r"\W*(?:(?:o|a|os|as|aquel[ea]s?|esse|essa|este|esta|meu|minha|um|uma)\b\s*)*"
        r"(?:(?:lancamento|registro|anotacao|item|numero|n[ºo°]|entrada d[aeo]|valor d[aeo])\s+"
        r"(?:(?:d[aeo]s?(?!\s+(?:r\$)?\s?\d)|n[ao]|numero|com|que)\s+)?(?=\S))?(?:(?:o|a|os|"
        r"as)\s+(?=\S))?(?:d[aeo]s?\s+(?!(?:r\$)?\s?\d)(?=\S))?"
    ).match(text.plain, start, end)
    begin = lead.end() if lead else start
    return text.original(begin, end).strip(" \"'“”.,!?:;") if begin < end else ""
