"""One message, read by itself: which request it makes, or which kind of talk it is."""

from datetime import date
from functools import lru_cache

from falachefe.language.dialogue.drafts import Reading, for_tool
from falachefe.language.guard.checks import commands_the_assistant
from falachefe.language.intents.help import (
    CANCEL,
    CORRECTION,
    read_closing,
    read_greeting,
    read_help,
    read_human,
    read_offtopic,
    read_question,
    read_ticket,
)
from falachefe.language.intents.ledger import read_ledger
from falachefe.language.intents.ledger_words import EARNED, REGISTER, SPENT
from falachefe.language.intents.outreach import read_outreach
from falachefe.language.intents.people import HIRED, read_people
from falachefe.language.intents.reports import read_budget, read_report, read_trends
from falachefe.language.text.normalize import Text, text_of

# `não, quero ver o saldo` asks for something that cannot enter anything twice.
_SAFE_AFTER_NO = frozenset(
    (
        "talk_to_human",
        "open_ticket",
        "cash_flow_report",
        "list_employees",
        "list_campaigns",
        "campaign_results",
        "analyze_trends",
        "answer_question",
        "not_yet",
    )
)
_NOT_A_CORRECTION = (
    r"^\W*nao (?:esque|gastei|paguei|comprei|recebi |vendi|gastamos|pagamos|entrou|"
    r"caiu|quero gastar|posso gastar|consigo|veio|funciona|vou|vem|quero falar|"
    r"sei o que|abre|liga|"
    r"imprime|emite|estou|esta|tem|chegou|quero mais falar|carrega|entra|aparece)"
)
# `o Pedro faltou porque o carro quebrou` is about Pedro, whatever broke.
_SOMEBODY_ABSENT = (
    r"^\W*(?:(?:oi|ola|bom dia|boa tarde|boa noite|hoje|ontem|aviso)\W+)*(?:o |a |seu |dona )?"
    r"(?!cliente|fornecedor|produto|pedido|sistema|nota)[a-z]+(?: [a-z]+)? (?:faltou|nao (?:veio|vem|apareceu)) "
)
# The deed opens the sentence: whatever follows is what the money was for.
_DEED_FIRST = (
    (
        r"^(?:(?:oi|ola|opa|e ai|bom dia|boa tarde|boa noite|tudo bem|tudo|bem|entao|"
        r"hoje|ontem|anteontem|eu|ja|a gente|nos|agora|chefe|aqui|olha|so|por favor|"
        r"acabei de|instrucoes do contador|de manha|cedo)[\s,.!:?]*)*(?:"
    )
    + SPENT
    + "|"
    + EARNED
    + ")"
)


@lru_cache(maxsize=512)
def read(message: str, today: date) -> Reading:
    """The reading of a message on a given day, the conversation aside."""
    if commands_the_assistant(message):
        return Reading("refused", "support", (), 0.99)
    text = text_of(message)
    talk = _talk(text)
    if talk and talk.intent == "correction":
        meant = _request(text, today)
        return meant if meant and meant.intent in _SAFE_AFTER_NO else talk
    return talk or _request(text, today) or _chat(text) or Reading("unknown", "support", (), 0.3, explicit=False)


def _talk(text: Text) -> Reading | None:
    closing = read_closing(text)
    greeting = read_greeting(text)
    if greeting or closing:
        return greeting or closing
    if text.has(CANCEL):
        return Reading("cancel", "orchestrator", (), 0.9, explicit=False)
    if text.has(CORRECTION) and not text.has(_NOT_A_CORRECTION):
        return Reading("correction", "orchestrator", (), 0.85, explicit=False)
    return None


def _request(text: Text, today: date) -> Reading | None:  # noqa: PLR0911 - an ordered list of rules
    if text.has(HIRED) and (hired := read_people(text, today)) and hired.intent == "add_employee":
        return hired
    told_and_asked = _entry_and_report(text, today)
    if told_and_asked:
        return told_and_asked
    deed_first = text.has(_DEED_FIRST) and not text.has(r"\bquanto\b|^[^\d]*\?")
    if (
        deed_first
        and not text.has(
            r"\b(?:chamado|reclamacao|reclamar|nao funciona|com defeito|veio (?:errad|quebrad|com |"
            r"estragad|faltando)|defeito)"
        )
        and (entry := read_ledger(text, today))
    ):
        lacking = not entry.drafts or "amount" in entry.drafts[0].missing
        return (read_people(text, today) if lacking else None) or entry
    if text.has(_SOMEBODY_ABSENT) and (absence := read_people(text, today)) and absence.drafts[0].complete:
        return absence
    for reader in (read_human, read_ticket):
        if found := reader(text):
            return found
    if (
        text.has(REGISTER)
        and text.has(r"\b(?:despesas?|gastos?|saida|receita|entrada|venda|recebimento|pagamento)\b")
        and not text.has(r"\bcampanha\b|\borcamento\b")
    ) and (entry := read_ledger(text, today)):
        return entry
    if found := read_outreach(text):
        return found
    if found := read_budget(text, today):
        return found
    if found := read_people(text, today):
        return found
    return _money(text, today)


def _entry_and_report(text: Text, today: date) -> Reading | None:
    """`gastei 50 de gasolina, quanto tenho no caixa?`: the entry must not be lost over the question."""
    asked = text.find(r"\b(?:quanto|qual|como esta|me mostra|me diz)\b")
    if not asked or not text.has(_DEED_FIRST):
        return None
    told, rest = text_of(text.original(0, asked.start())), text_of(text.original(asked.start(), len(text.plain)))
    entry, report = read_ledger(told, today), read_report(rest, today)
    if entry is None or report is None or not entry.drafts or any(d.missing for d in entry.drafts):
        return None
    return for_tool(*entry.drafts, *report.drafts, confidence=entry.confidence)


def _money(text: Text, today: date) -> Reading | None:
    trends, report = read_trends(text), read_report(text, today)
    if trends or report:
        entry = read_ledger(text, today) if not text.has(r"\?|\bquanto\b|\bcomo\b|\bqual\b") else None
        if entry and entry.is_tool and entry.explicit and "amount" in entry.drafts[0].args:
            return entry
        return trends or report
    if helped := read_help(text):
        return helped
    question = read_question(text)
    entry = read_ledger(text, today)
    if entry and not (question and (not entry.explicit or not entry.is_tool)):
        return entry
    return question


def _chat(text: Text) -> Reading | None:
    return read_offtopic(text)
