"""Questions about bills, and cancelling one. Bills that a message reports or settles are read with the ledger."""

from datetime import date, timedelta
from typing import Final

from falachefe.language.spans.days import read_days
from falachefe.language.subjects.interpretation import Draft, Interpretation, for_tool
from falachefe.language.subjects.wording import REMOVE, object_of, order, pointer
from falachefe.language.text.normalize import Text, rx
from falachefe.language.text.person_names import name_before
from falachefe.language.types import JsonValue

_OWED_TO_US: Final = (
    r"\balguem\b.{0,20}\b(?:atrasad\w+|devendo|deve|nao pagou)\b|"
    r"\bquem (?:e que |que )?(?:(?:ainda |mais )?(?:me|nos) (?:deve|ta devendo|esta devendo|devem)|(?:ta|esta|"
    r"tem) (?:me |nos )?devendo|"
    r"(?:ainda )?(?:nao (?:me )?pagou)|(?:ficou|tem) (?:me )?devendo)\b|"
    r"\b(?:contas?|valores?|dinheiro|quanto (?:eu )?(?:tenho|temos|tem|falta|falt\w+)|o que (?:eu )?(?:tenho|temos|"
    r"tem|falta)|lista)\b"
    r".{0,25}\b(?:a|pra|para|por) receber\b|\ba receber\b.{0,20}\?|\b(?:me|nos) (?:deve|devem|devendo)\b|\bfiados?\b|"
    r"\bquanto (?:(?:que )?(?:o |a |seu |dona )?[a-z]+(?: [a-z]+)? )?(?:me |nos )(?:deve|ta devendo|esta devendo)\b|"
    r"\b(?:devedores|inadimplent\w+|caderneta|caderno do fiado)\b|^\W*(?:contas )?a receber[\s?.!]*$"
)
_WE_OWE: Final = (
    r"\b(?:devo|devendo) (?:pra|para|a) quem\b|"
    r"\b(?:contas?|boletos?|valores|quanto (?:eu |a gente )?(?:ainda )?(?:tenho|temos|falta|tem|vou ter)|"
    r"o que (?:eu |a gente )?(?:ainda )?"
    r"(?:tenho|temos|tem|falta|preciso|vou ter)|lista)\b.{0,25}\b(?:a|pra|para|de|que) (?:pagar|vencer|quitar)\b|"
    r"\bquanto (?:eu |a gente |nos |que eu )?(?:ainda )?(?:devo|devemos|estou devendo|to devendo)\b|"
    r"\b(?:o que|que|quais)(?: contas?| boletos?)? (?:e que )?(?:vence|vencem|ta vencendo|esta vencendo|vai vencer|"
    r"vao vencer|venceu|venceram)\b|"
    r"\b(?:contas?|boletos?) (?:atrasad[oa]s?|vencid[oa]s?|em atraso|em aberto|pendentes?|abert[oa]s|do mes|"
    r"da semana|de hoje|de amanha|"
    r"(?:que )?(?:vencem|vence|vencendo|estao vencendo|faltam|falta))\b|"
    r"\b(?:tenho|temos) (?:que|de) pagar (?:quanto|o que|quais)\b|"
    r"^\W*(?:minhas |as |meus |os )?(?:contas|boletos) (?:a|pra|para) pagar\b|\b(?:quais|lista\w*|mostra\w*|ver|"
    r"me (?:da|diz|fala|mostra|manda))"
    r"(?: (?:as|os|minhas|meus|todas as|todos os))* (?:contas|boletos|dividas)\b"
    r"|\b(?:para|pra) quem (?:e )?(?:que )?(?:eu )?(?:devo|estou devendo|to devendo)\b|\btem (?:alguma )?(?:conta|"
    r"boleto)\b.{0,20}\b(?:vencend\w*|atrasad\w*|vence|pagar|hoje|amanha)\b"
)
_NOT_LISTED: Final = (
    r"^\W*(?:ja )?(?:paguei|gastei|recebi|vendi|anota|registra|lanca|comprei|me (?:lembra|avisa)|lembra)\b|"
    r"\bficou devendo\b|\bficou me devendo\b|\b(?:acertou|pagou|quitou|pagaram|anota|pendura|bota|poe|marca)\b(?!.*\?)|"
    r"\b(?:bancaria|do banco|de email|no email|vai (?:te )?pagar|comprou fiado|levou fiado|vendi fiado)\b|"
    r"\b(?:deve|devo) (?:chegar|ser|vir|estar|ter|abrir|ir|fazer|falar|mandar|cobrar|dar|usar)\b|\bgrafico\b|\bpdf\b|"
    r"\bplanilha\b|\bexcel\b"
)


def parse_bill_list(text: Text, today: date) -> Interpretation | None:
    """`quem me deve?`, `o que vence essa semana?`, `contas atrasadas`."""
    if text.has(_NOT_LISTED):
        return None
    receivable = text.has(_OWED_TO_US)
    if not receivable and not text.has(_WE_OWE):
        return None
    asked = (
        text.has(
            r"\?|\b(?:quem|quanto|quais|qual|o que|que contas|quero (?:ver|saber)|"
            r"lista\w*|mostra\w*|ver|me (?:diz|fala|"
            r"mostra|da|manda|passa)|cade|tem)\b"
        )
        or len(text.plain.split()) <= 6
    )
    if not asked or (text.has(r"\d") and text.has(r"\bfiado\b") and not text.has(r"\?")):
        return None
    args: dict[str, JsonValue] = {"direction": "receivable" if receivable else "payable"}
    if text.has(r"\b(?:atrasad\w+|vencid[oa]s?|venceu|venceram|em atraso|nao pagou|inadimplent\w+)\b"):
        args["overdue"] = True
    person = _who(text) if receivable else None
    if person:
        args["counterparty"] = person
    until = _until(text, today)
    if until:
        args["until"] = until.isoformat()
    return for_tool(Draft("list_bills", args), confidence=0.93)


def _who(text: Text) -> str | None:
    owes = text.find(r"\b(?:me|nos|ainda|ta|esta)\b(?= (?:me |nos )?(?:deve|devendo)\b)|\bdeve\b")
    return name_before(text, owes.start()) if owes else None


def _until(text: Text, today: date) -> date | None:
    """The last day of the period that the question names."""
    if text.has(r"\b(?:n?essa|n?esta|da|na) semana\b") and not text.has(r"\bsemana (?:que vem|passada)\b"):
        return today + timedelta(days=6 - today.weekday())
    if text.has(r"\b(?:n?esse|n?este|do|no) mes\b"):
        first = today.replace(day=1)
        return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    days = [d for d in read_days(text, today, prefer="future") if d.kind != "impossible" and d.last >= today]
    return max(d.last for d in days) if days else None


_CANCEL: Final = REMOVE + r"|perdo(?:a|ar|e)"
_BILL: Final = (
    r"\b(?:conta (?:a pagar|a receber)|contas? d[aeo]|boletos?|fiado|divida|parcelas?|conta (?:de|do|da) [a-z]+|"
    r"recorrencia|o que (?:o |a |seu |dona )*[a-z]+ (?:me )?deve)\b"
)


def parse_bill_cancel(text: Text) -> Interpretation | None:
    """`cancela a conta da luz`, `apaga o fiado do seu Zé`, `perdoa a dívida da Ana`."""
    ordered = order(text, _CANCEL)
    if ordered is None:
        return None
    start, end = object_of(text, ordered.end())
    about = text.plain[start:end]
    if not rx(_BILL).search(about) or rx(
        r"\b(?:lancamento|despesa|gasto|registro|pagamento|campanha|lembrete)\b"
    ).search(about):
        return None
    if rx(r"\bconta (?:bancaria|no|do banco|de (?:email|usuario))\b|\bminha conta\b|\bempresa\b").search(about):
        return None
    said = pointer(text, start, end)
    return for_tool(Draft("cancel_bill", {"bill": said}), confidence=0.92) if said else None
