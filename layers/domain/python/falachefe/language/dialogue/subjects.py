"""Several subjects in one message (`gastei 50 de gasolina e a Maria faltou hoje`): each goes to the agent it is for."""

from datetime import date
from typing import Final

from falachefe.language.contract import TOOLS
from falachefe.language.dialogue.drafts import Draft, Reading
from falachefe.language.intents.ledger_words import EARNED, REGISTER, SPENT
from falachefe.language.intents.read import read
from falachefe.language.text.normalize import Text, rx, text_of

_LEDGER: Final = ("add_expense", "add_income")
# What a person dictates in these is whatever follows, commas and other people's deeds included.
_FREE_TEXT: Final = ("create_campaign", "open_ticket", "answer_question", "talk_to_human")
_MOST: Final = 4
# One cue of each kind at least, or the message has one subject and is not taken apart.
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
    (
        r"\b(?:chamado|atendente|humano|reclamacao|que horas|horario|endereco|falar com|aceitam?|entregam?|"
        r"quebrou|travando|nao (?:funciona|liga|abre)|fora do ar)\b"
    ),
)
_CUT: Final = (
    r"\s*[.;!?\n]+\s*(?:e |ah,? |tambem )?|\s*,\s*(?:e |mas |ah,? |tambem |alem disso,? |outra coisa,? )?|"
    r"\s+(?:e tambem|e ai|e aproveita(?: e)?|e ah|alem disso|outra coisa|aproveitando|mais uma coisa|ah e|e|mas|"
    r"depois|tambem)\s+|"
    r"\s+(?=(?:a|o) [a-z]+ (?:nao veio|nao vem|faltou|quer folga|pediu)\b)|"
    r"\s+(?=(?:gastei|paguei|recebi|vendi|comprei)\b.{0,40}\d)|\s+(?=quanto (?:entrou|saiu|vendi|gastei|tenho)\b)"
)
_DEPENDENT: Final = r"^\W*(?:que|porque|pois|para|pra|por|com|sem|de|do|da|no|na|quando|onde|ja que|como|se)\b"


def subjects(message: str, today: date) -> tuple[Reading, ...]:
    """The requests for different agents that the message makes, in order; fewer than two means one subject."""
    text = text_of(message)
    if sum(text.has(cue) for cue in _CUES) < 2:
        return ()
    return _apart(text, today, _MOST)


def _apart(text: Text, today: date, most: int) -> tuple[Reading, ...]:
    """The last request is cut off first: what comes before may hold a list of entries, and is taken apart in turn."""
    if most < 2:
        return ()
    for cut in reversed(list(rx(_CUT).finditer(text.plain))):
        rest = text.original(cut.end(), len(text.plain))
        if cut.start() < 4 or len(rest.split()) < 2 or _hangs(text.plain[cut.end() :]):
            continue
        last = read(rest, today)
        if not _stands(last, text.plain[cut.end() :]):
            continue
        # A question keeps its mark.
        before = text.original(0, cut.start() + (cut.group().lstrip()[:1] == "?"))
        earlier = _apart(text_of(before), today, most - 1) or (read(before, today),)
        if (
            all(_stands(part, text.plain) for part in earlier)
            and not _runs_on(earlier[-1], cut.group())
            and _differ(earlier[-1], last)
            and _one_open((*earlier, last))
        ):
            return (*earlier, last)
    return ()


def _hangs(rest: str) -> bool:
    return rx(_DEPENDENT).match(rest) is not None and "?" not in rest


def _stands(reading: Reading, plain: str) -> bool:
    """A request of its own, with something to go on."""
    if not reading.is_tool or not reading.explicit or reading.confidence < 0.75 or reading.intent in ("greet", "help"):
        return False
    if reading.intent in _LEDGER and not rx(f"{SPENT}|{EARNED}|{REGISTER}").search(plain):
        return False
    return all(d.complete or d.args.keys() - {"category", "segment", "date", "month"} for d in reading.drafts)


def _runs_on(first: Reading, cut: str) -> bool:
    return first.intent in _FREE_TEXT and not rx(r"[.?\n]").search(cut)


def _differ(one: Reading, other: Reading) -> bool:
    return one.role != other.role or (
        one.intent != other.intent and not (one.intent in _LEDGER and other.intent in _LEDGER)
    )


def _one_open(parts: tuple[Reading, ...]) -> bool:
    """Two questions at once would leave no telling which one is answered."""
    return sum(not d.complete for part in parts for d in part.drafts) <= 1


def by_agent(parts: tuple[Reading, ...]) -> tuple[tuple[Draft, ...], ...]:
    """The calls of each agent together, agents in the order in which they are first needed."""
    groups: dict[str, list[Draft]] = {}
    for part in parts:
        for draft in part.drafts:
            groups.setdefault(TOOLS[draft.tool], []).append(draft)
    return tuple(tuple(group) for group in groups.values())
