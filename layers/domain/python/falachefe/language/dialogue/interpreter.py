"""Intent classification: the interpretation of one message without its conversation.

The order of the parsers is the rule: the first that recognises its intent wins.
"""

from datetime import date, datetime
from functools import lru_cache
from typing import Final

from falachefe.language.clauses.modality import REGISTER
from falachefe.language.guard.prompt_injection import is_prompt_injection
from falachefe.language.subjects.acts import parse_act
from falachefe.language.subjects.financial.ledger import opens_with_deed, parse_entries
from falachefe.language.subjects.financial.reports import parse_budget, parse_report, parse_trends
from falachefe.language.subjects.hr.employees import HIRED, parse_hr
from falachefe.language.subjects.interpretation import Interpretation, for_tool
from falachefe.language.subjects.marketing.drafts import parse_marketing
from falachefe.language.subjects.support.requests import parse_human_request, parse_question, parse_ticket
from falachefe.language.subjects.talk.small_talk import (
    CANCEL,
    CORRECTION,
    parse_greeting,
    parse_help,
    parse_off_topic,
    parse_small_talk,
)
from falachefe.language.text.known_names import known_words
from falachefe.language.text.normalize import Text, normalize
from falachefe.language.types import NO_FACTS, TOOLS, Facts

# `não, quero ver o saldo`: intents that may follow a "não" because they cannot record anything twice.
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
        "nothing_moved",
    )
)
_NOT_A_CORRECTION = (
    r"^\W*nao (?:esque|gastei|paguei|comprei|recebi |vendi|gastamos|pagamos|entrou|"
    r"caiu|quero gastar|posso gastar|consigo|veio|funciona|vou|vem|quero falar|"
    r"sei o que|abre|liga|"
    r"imprime|emite|estou|esta|tem|chegou|quero mais falar|carrega|entra|aparece)"
)
# `o Pedro faltou porque o carro quebrou` is an absence, not a ticket.
_SOMEBODY_ABSENT = (
    r"^\W*(?:(?:oi|ola|bom dia|boa tarde|boa noite|hoje|ontem|aviso)\W+)*(?:o |a |seu |dona )?"
    r"(?!cliente|fornecedor|produto|pedido|sistema|nota)[a-z]+(?: [a-z]+)? (?:faltou|nao (?:veio|vem|apareceu)) "
)


@lru_cache(maxsize=512)
def interpret(message: str, now: datetime, facts: Facts = NO_FACTS) -> Interpretation:
    """The interpretation of a message written at `now`, in the company's time zone, for a company with these facts."""
    if is_prompt_injection(message):
        return Interpretation("refused", "support", (), 0.99)
    text = _without_greeting(normalize(message, known_words(facts)))
    found = _read(text, now, facts)
    if _says_enough(found) or (mended := text.mended) is None:
        return found
    better = _read(mended, now, facts)
    return better if _says_more(better, found) else found


_GREETED: Final = (
    r"^\W*(?:oi+|ola|opa|e ai|bom dia|boa tarde|boa noite)\b[\s,.!]*(?:tudo (?:bem|bom|certo|joia)|como vai|"
    r"beleza)?\s*\?\s*"
    r"(?=\S.*\s\S)"
)


def _without_greeting(text: Text) -> Text:
    """`oi, tudo bem? gastei 50 de gás`: the greeting's question mark makes no question of what follows."""
    greeted = text.find(_GREETED)
    return text.part(greeted.end(), len(text.plain)) if greeted else text


def _read(text: Text, now: datetime, facts: Facts) -> Interpretation:
    today = now.date()
    found = parse_greeting(text) or parse_small_talk(text) or _act(text, now) or _taken_back(text, today, facts)
    return (
        found
        or _request(text, today, facts)
        or _chat(text)
        or Interpretation("unknown", "support", (), 0.3, explicit=False)
    )


def _act(text: Text, now: datetime) -> Interpretation | None:
    """An order or a question about what exists; one that no tool of the crew does is answered as such."""
    found = parse_act(text, now)
    if found is None or all(draft.tool in TOOLS for draft in found.drafts):
        return found
    return Interpretation("not_offered", found.role, (), found.confidence)


def _says_enough(found: Interpretation) -> bool:
    """Whether the message was understood as it is written, so that no slip needs to be looked for."""
    if not found.drafts:
        return found.intent in ("greet", "small_talk", "cancel", "refused", "not_offered")
    return found.explicit and all(d.complete and d.args.get("category") != "outros" for d in found.drafts)


def _says_more(mended: Interpretation, written: Interpretation) -> bool:
    """The mended reading tells more and contradicts nothing that was read before: a name stays a name."""
    for after, before in zip(mended.drafts, written.drafts, strict=False):
        kept = ("amount", "employee", "name", "date", "counterparty")
        if after.tool == before.tool and any(before.args.get(k) not in (None, after.args.get(k)) for k in kept):
            return False
    return _rank(mended) > _rank(written)


def _rank(found: Interpretation) -> tuple[bool, bool, int, int]:
    drafts = found.drafts
    return (
        bool(drafts),
        found.explicit,
        -sum(len(d.missing) for d in drafts),
        sum(d.args.get("category", "outros") != "outros" for d in drafts),
    )


def _taken_back(text: Text, today: date, facts: Facts) -> Interpretation | None:
    """A message that takes something back without saying what it shall be instead."""
    if text.has(CANCEL):
        return Interpretation("cancel", "orchestrator", (), 0.9, explicit=False)
    if not text.has(CORRECTION) or text.has(_NOT_A_CORRECTION):
        return None
    meant = _request(text, today, facts)
    if meant and meant.intent in _SAFE_AFTER_NO:
        return meant
    return Interpretation("correction", "orchestrator", (), 0.85, explicit=False)


def _request(text: Text, today: date, facts: Facts) -> Interpretation | None:  # noqa: PLR0911 - an ordered list of rules
    if text.has(HIRED) and (hired := parse_hr(text, today)) and hired.intent == "add_employee":
        return hired
    entry_and_report = _entry_and_report(text, today, facts)
    if entry_and_report:
        return entry_and_report
    verb_first = opens_with_deed(text.plain) and not text.has(r"\bquanto\b|^[^\d]*\?")
    if (
        verb_first
        and not text.has(
            r"\b(?:chamado|reclamacao|reclamar|nao funciona|com defeito|veio (?:errad|quebrad|com |"
            r"estragad|faltando)|defeito)"
        )
        and (entry := parse_entries(text, today, facts))
    ):
        lacking = entry.intent != "unclear_entry" and (not entry.drafts or "amount" in entry.drafts[0].missing)
        return (parse_hr(text, today) if lacking else None) or entry
    if text.has(_SOMEBODY_ABSENT) and (absence := parse_hr(text, today)) and absence.drafts[0].complete:
        return absence
    for parser in (parse_human_request, parse_ticket):
        if found := parser(text):
            return found
    if (
        text.has(REGISTER)
        and text.has(r"\b(?:despesas?|gastos?|saida|receita|entrada|venda|recebimento|pagamento)\b")
        and not text.has(r"\bcampanha\b|\borcamento\b")
    ) and (entry := parse_entries(text, today, facts)):
        return entry
    if found := parse_marketing(text):
        return found
    if found := parse_budget(text, today):
        return found
    if found := parse_hr(text, today):
        return found
    return _money(text, today, facts)


def _entry_and_report(text: Text, today: date, facts: Facts) -> Interpretation | None:
    """`gastei 50 de gasolina, quanto tenho no caixa?`: both the entry and the report."""
    asked = text.find(r"\b(?:quanto|qual|como esta|me mostra|me diz)\b")
    if not asked or not opens_with_deed(text.plain):
        return None
    stated, rest = text.part(0, asked.start()), text.part(asked.start(), len(text.plain))
    entry, report = parse_entries(stated, today, facts), parse_report(rest, today)
    if entry is None or report is None or not entry.drafts or any(d.missing for d in entry.drafts):
        return None
    return for_tool(*entry.drafts, *report.drafts, confidence=entry.confidence)


def _money(text: Text, today: date, facts: Facts) -> Interpretation | None:
    trends, report = parse_trends(text), parse_report(text, today)
    if trends or report:
        entry = parse_entries(text, today, facts) if not text.has(r"\?|\bquanto\b|\bcomo\b|\bqual\b") else None
        if entry and entry.is_tool and entry.explicit and "amount" in entry.drafts[0].args:
            return entry
        return trends or report
    if helped := parse_help(text):
        return helped
    question = parse_question(text)
    entry = parse_entries(text, today, facts)
    if entry and not (question and (not entry.explicit or not entry.is_tool)):
        return entry
    return question


def _chat(text: Text) -> Interpretation | None:
    return parse_off_topic(text)
