"""Orders about tickets that exist: listing and closing them."""

from typing import Final

from falachefe.language.subjects.interpretation import Draft, Interpretation, for_tool
from falachefe.language.subjects.wording import object_of, order, pointer
from falachefe.language.text.normalize import Text, rx

_TICKET: Final = r"(?:chamados?|tickets?|ocorrencias?|reclamac(?:ao|oes)|protocolos?)"
_LIST: Final = (
    rf"\b(?:list\w+|mostr\w+|ver|veja|quais|quant[oa]s|cade|me (?:da|diz|fala|mostra|manda|passa)|tem|temos|tenho|"
    rf"existe|ha|consult\w+|como (?:esta|estao|anda))\b.{{0,25}}\b{_TICKET}\b"
    rf"|^\W*(?:meus |os )?{_TICKET} (?:abert\w+|pendentes|em aberto|fechad\w+|em andamento)\b"
)
_CLOSE: Final = (
    r"fech(?:a|ar|e)|encerr(?:a|ar|e)|resolv(?:e|er|a)|finaliz(?:a|ar|e)|conclu(?:i|ir|a)|da (?:por )?baixa n?|"
    r"pode (?:fechar|encerrar)|"
    r"cancel(?:a|ar|e)|marc(?:a|ar|e)"
)


def parse_ticket_list(text: Text) -> Interpretation | None:
    """`quais chamados estão abertos?`"""
    if not text.has(_LIST) or text.has(
        rf"\b(?:abr[aei]r?|abre|abra|cri[ae]r?|nov[oa]|registr\w+|fech\w+ (?:o|esse)|encerr\w+|"
        rf"resolv[ea]r?) .{{0,12}}{_TICKET}\b|\b(?:tenho|tem) (?:uma|um) (?:{_TICKET})\b(?!.{{0,15}}\?)"
        rf"|\b(?:uma|um) {_TICKET} (?:pra|para|sobre|d[aeo])\b"
    ):
        return None
    if not text.has(
        r"\?|\b(?:list\w+|mostr\w+|ver|veja|quais|quant[oa]s|cade)\b|^\W*(?:meus |os )?(?:chamados|tickets)\b|"
        r"\bme (?:da|diz|fala|mostra|manda|passa)\b"
    ):
        return None
    args = {}
    if text.has(r"\b(?:abert\w+|pendentes?|em aberto|sem resposta)\b"):
        args["status"] = "open"
    elif text.has(r"\b(?:fechad\w+|resolvid\w+|encerrad\w+)\b"):
        args["status"] = "closed"
    return for_tool(Draft("list_tickets", dict(args)), confidence=0.93)


def parse_ticket_close(text: Text) -> Interpretation | None:
    """`fecha o chamado da maquininha`, `o chamado 2 foi resolvido: troquei o cabo`."""
    ordered = order(text, _CLOSE)
    named = text.find(rf"\b{_TICKET}\b")
    if named is None:
        return None
    reported = text.find(
        rf"^\W*(?:o |a |esse )?{_TICKET}\b(?P<x>.{{0,40}}?)\b(?:foi|ja foi|esta|ta|pode ser|"
        rf"ja esta)? ?(?:resolvid[oa]|fechad[oa]|encerrad[oa]|solucionad[oa])\b"
    )
    if reported and not text.has(r"\?|\bnao\b"):
        said = text.original(reported.start("x"), reported.end("x")).strip()
        end = reported.end()
    elif ordered and named.start() - ordered.end() < 8 and not text.has(r"\?"):
        start, stop = object_of(text, named.end())
        said = pointer(text, start, stop)
        said = rx(r"^(?:d[aeo]s?|n[ao]|numero|sobre|com)\s+").sub("", said)
        end = stop
    else:
        return None
    args = {"ticket": rx(r"(?i)^(?:d[aeo]s?|n[ao]|número|numero|sobre)\s+").sub("", said) or "último"}
    answer = rx(r"\s*(?:[:,]|porque|pois|com a resposta|dizendo|ja que)\s*(?P<a>[^\n]{4,300})").match(text.plain, end)
    if answer:
        args["answer"] = text.original(answer.start("a"), answer.end("a"))
    return for_tool(Draft("close_ticket", dict(args)), confidence=0.93)
