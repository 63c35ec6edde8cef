"""Splits a message with several requests (`gastei 50 de gasolina e a Maria faltou hoje`), one for each agent."""

from datetime import datetime
from typing import Final

from falachefe.language.clauses.modality import REGISTER
from falachefe.language.clauses.verbs import find_verbs
from falachefe.language.dialogue.interpreter import interpret
from falachefe.language.subjects.interpretation import Draft, Interpretation
from falachefe.language.text.known_names import known_words
from falachefe.language.text.normalize import Text, normalize, rx
from falachefe.language.types import NO_FACTS, TOOLS, Facts

_LEDGER: Final = ("add_expense", "add_income")
# Tools that take free text: what follows belongs to it, including commas and verbs of other intents.
_FREE_TEXT: Final = ("create_campaign", "open_ticket", "answer_question", "talk_to_human")
_MAX_REQUESTS: Final = 4
# A message is only split when it matches the cues of at least two subjects.
_CUES: Final = (
    (
        r"\d|\b(?:gastei|paguei|comprei|recebi|vendi|entrou|gastamos|pagamos|recebemos|vendemos|saldo|caixa|quanto|"
        r"orcamento|mil|cem|reais|relatorio)\b"
    ),
    r"\b(?:falt\w+|atestado|nao (?:vem|veio|apareceu))\b",
    r"\b(?:folg\w+|ferias)\b",
    r"\b(?:contrat\w+|cadastr\w+|funcionari\w+|equipe|quem trabalha|comecou)\b",
    r"\b(?:campanhas?|mand[ae]\w*|avis\w+|divulg\w+|clientes|promoc\w+)\b",
    r"\b(?:post\w*|stor\w+|legenda)\b",
    r"\b(?:lembr\w+|lembretes?)\b",
    r"\b(?:apag\w+|exclu\w+|desfa[zc]\w*|aprov\w+|corrig\w+|graficos?|export\w+|pdf)\b",
    r"\b(?:deve\w*|devendo|contas?|boletos?|fiado)\b",
    (
        r"\b(?:chamado|atendente|humano|reclamacao|que horas|horario|endereco|falar com|aceitam?|entregam?|"
        r"quebrou|travando|nao (?:funciona|liga|abre)|fora do ar)\b"
    ),
)
_SEPARATOR: Final = (
    r"\s*[.;!?\n]+\s*(?:e |ah,? |tambem )?|\s*,\s*(?:e |mas |ah,? |tambem |alem disso,? |outra coisa,? )?|"
    r"\s+(?:e tambem|e ai|e aproveita(?: e)?|e ah|alem disso|outra coisa|aproveitando|mais uma coisa|ah e|e|mas|"
    r"depois|tambem)\s+|"
    r"\s+(?=(?:a|o) [a-z]+ (?:nao veio|nao vem|faltou|quer folga|pediu)\b)|"
    r"\s+(?=(?:gastei|paguei|recebi|vendi|comprei)\b.{0,40}\d)|\s+(?=quanto (?:entrou|saiu|vendi|gastei|tenho)\b)"
)
_DEPENDENT: Final = r"^\W*(?:que|porque|pois|para|pra|por|com|sem|de|do|da|no|na|quando|onde|ja que|como|se)\b"


def split_requests(message: str, now: datetime, facts: Facts = NO_FACTS) -> tuple[Interpretation, ...]:
    """The requests of the message in order, or nothing when it holds a single one."""
    text = normalize(message, known_words(facts))
    if sum(text.has(cue) for cue in _CUES) < 2:
        return ()
    return _split(text, now, facts, _MAX_REQUESTS)


def _split(text: Text, now: datetime, facts: Facts, most: int) -> tuple[Interpretation, ...]:
    """Splits off the last request first and recurses on the rest, which may hold a list of entries."""
    if most < 2:
        return ()
    for cut in reversed(list(rx(_SEPARATOR).finditer(text.plain))):
        rest = text.original(cut.end(), len(text.plain))
        if cut.start() < 4 or len(rest.split()) < 2 or _is_dependent(text.plain[cut.end() :]):
            continue
        last = interpret(rest, now, facts)
        if not _is_standalone(last, text.plain[cut.end() :]):
            continue
        # A question keeps its question mark.
        before = text.original(0, cut.start() + (cut.group().lstrip()[:1] == "?"))
        earlier = _split(normalize(before, text.names), now, facts, most - 1) or (interpret(before, now, facts),)
        if (
            all(_is_standalone(part, text.plain) for part in earlier)
            and not _continues_free_text(earlier[-1], cut.group())
            and _are_different(earlier[-1], last)
            and _at_most_one_incomplete((*earlier, last))
        ):
            return (*earlier, last)
    return ()


def _is_dependent(rest: str) -> bool:
    return rx(_DEPENDENT).match(rest) is not None and "?" not in rest


def _is_standalone(parsed: Interpretation, plain: str) -> bool:
    """A confident request of its own, with at least one slot that tells what it is about."""
    if not parsed.is_tool or not parsed.explicit or parsed.confidence < 0.75 or parsed.intent in ("greet", "help"):
        return False
    if parsed.intent in _LEDGER and not rx(REGISTER).search(plain) and not find_verbs(plain):
        return False
    return all(d.complete or d.args.keys() - {"category", "segment", "date", "month"} for d in parsed.drafts)


def _continues_free_text(first: Interpretation, cut: str) -> bool:
    return first.intent in _FREE_TEXT and not rx(r"[.?\n]").search(cut)


def _are_different(one: Interpretation, other: Interpretation) -> bool:
    return one.role != other.role or (
        one.intent != other.intent and not (one.intent in _LEDGER and other.intent in _LEDGER)
    )


def _at_most_one_incomplete(parts: tuple[Interpretation, ...]) -> bool:
    """With two open questions it would be ambiguous which one the next message answers."""
    return sum(not d.complete for part in parts for d in part.drafts) <= 1


def group_by_agent(parts: tuple[Interpretation, ...]) -> tuple[tuple[Draft, ...], ...]:
    """The drafts grouped by agent, agents in order of their first draft."""
    groups: dict[str, list[Draft]] = {}
    for part in parts:
        for draft in part.drafts:
            groups.setdefault(TOOLS[draft.tool], []).append(draft)
    return tuple(tuple(group) for group in groups.values())
