"""The role of each amount, from the words beside it."""

from dataclasses import replace
from typing import Final

from falachefe.language.spans.types import Instalment, Money, MoneyRole, Percentage, Quantity, Spans
from falachefe.language.text.normalize import rx

_UNIT_NAMES: Final = (
    r"unidade|peca|quilo|kilo|kg|litro|l|saco|saca|caixa|cx|duzia|metro|m|par|pacote|pct|pessoa|cabeca|hora|diaria|dia|"
    r"noite|mes|folha|rolo|lata|garrafa|fardo|barra|bandeja|pote|porcao|kit|aula|sessao|corte|fatia|copo|milheiro|cento"
)
# Role, pattern before the amount (anchored at its start), pattern after it (anchored at its end); the first wins.
# Role, pattern that ends at the amount, pattern that begins behind it; the first that fits wins.
_RULES: Final[tuple[tuple[MoneyRole, str, str], ...]] = (
    (
        "change",
        (
            r"\b(?:troco(?: (?:de|foi(?: de)?|deu|veio|era))?|(?:sobrou|sobraram|voltou|voltaram"
            r"|devolve(?:u|ram)(?: o)?|restou|me deu de volta|recebi de volta)(?: um)?(?: troco)?(?: de)?)\s*$"
        ),
        r"^\s*(?:de|do|como|pra)?\s*(?:troco|de volta)\b",
    ),
    (
        "tendered",
        (
            r"\b(?:(?:com|dei|entreguei|passei|de) )?(?:um |uma |a |duas |dois )?(?:nota|notas|cedula) de\s*$"
            r"|\bpaguei com\s*$"
        ),
        r"^\s*(?:e (?:ele|ela|a moca|o caixa) )?(?:me )?(?:deu|devolveu) (?:o )?troco\b",
    ),
    (
        "deposit",
        (
            r"\b(?:sinal|adiantamento|arras|caucao|(?:dei|deu|paguei|pagou|com|deixei|deixou|pediu|e|de|uma) entrada)"
            r"(?: (?:foi|deu|e))?(?: de| inicial de)?\s*$"
        ),
        (
            r"^\s*(?:(?:de|como|no|na)\s*(?:o )?"
            r"(?:sinal|entrada(?! (?:no|na|do|da) (?:caixa|conta))|adiantamento|caucao)|adiantad[oa]s?)\b"
        ),
    ),
    (
        "discount",
        (
            r"\b(?:desconto|abatimento|desc)(?: (?:de|foi|deu))?(?: de)?\s*$"
            r"|\b(?:descont|abat)(?:ou|eu|aram|eram|ei|i)\s*$"
        ),
        r"^\s*(?:de|a) (?:desconto|abatimento|menos)\b|^\s*off\b",
    ),
    (
        "due",
        (
            r"\b(?:falta(?:m|ram|ndo)?|resta(?:m|ram|ndo)?|(?:fiquei|ficou|ficaram|ficamos|fica|esta|ainda) "
            r"(?:me |te |nos )?(?:devendo|faltando)(?: ainda)?|devendo|(?:o )?resto(?: de| e| sao)?,?"
            r"|(?:o )?restante(?: de| e)?,?|(?:o )?saldo (?:de|e))\s*$"
        ),
        (
            r"^\s*(?:(?:que )?(?:falta(?:m)?|resta(?:m)?)|(?:de|do) (?:resto|restante)|(?:fica|ficou|ficaram) "
            r"(?:pra|para|devendo|pendente|faltando)|pendente|em aberto|no fiado|fiado)\b"
        ),
    ),
    (
        "total",
        (
            r"\b(?:total(?: geral)?(?: (?:de|foi|deu|ficou|e|da compra|em))*"
            r"|(?:no total|ao todo|no fim|tudo junto|tudo somado)(?: (?:deu|foi|ficou|sao|gastei|paguei))*"
            r"|(?:deu|ficou|foi|saiu|fechou|paguei|gastei|custou|somou|somando|dando) (?:no )?(?:tudo|total)"
            r"(?: (?:em|por|de))?"
            r"|tudo (?:deu|por|foi|ficou|saiu|custou)(?: por| em)?|somando(?: tudo)?(?: da| deu| fica)?)[: ]*$"
        ),
        (
            r"^\s*(?:,? ?(?:no|de|em) total|,? ?ao todo|,? ?(?:por|em|no) tudo|tudo junto|,? ?tudo)\b"
            r"(?! (?:pra|ontem|hoje|anteontem|no pix|em dinheiro|pago|certo|anotado))"
        ),
    ),
    (
        "limit",
        (
            r"\b(?:limite|teto|orcamento|no maximo|maximo de|verba|budget|nao (?:passar|pode passar) de|ate no maximo"
            r"|(?:gastar|usar|investir) ate)"
            r"(?: (?:de|e|eh|do|da|com|para|pra|cartao|mensal|maximo|total)(?: [a-z]+)?)*\s*$"
        ),
        r"^\s*(?:de|como) (?:limite|teto|orcamento|verba)\b|^\s*no maximo\b",
    ),
    (
        "unit",
        (
            rf"\b(?:cada(?: (?:um|uma|{_UNIT_NAMES}))?|[ao] (?:{_UNIT_NAMES})|por (?:{_UNIT_NAMES}))"
            r"(?: (?:a|por|de|foi|saiu|custou|custa|e|deu|ficou|sai))*(?: por| a)?\s*$"
        ),
        rf"^\s*(?:cada\b|(?:o|a|por|/)\s*(?:{_UNIT_NAMES})\b(?! de (?:entrada|sinal)))",
    ),
)


def with_roles(plain: str, spans: Spans) -> tuple[Money, ...]:
    """The amounts with their roles; one that no rule knows stays `stated`.

    Words behind an amount that only tell its role (`de entrada`, `cada`) become part of its span: they are no text of
    the clause.
    """
    others: list[Money | Quantity | Instalment | Percentage] = [*spans.money, *spans.quantities]
    others += (*spans.instalments, *spans.percentages)
    taken = [(s.start, s.end) for s in others]
    return tuple(_with_role(plain, m, taken) for m in spans.money)


def _with_role(plain: str, amount: Money, taken: list[tuple[int, int]]) -> Money:
    """Looks from the neighbouring amount before to the one behind, within the line."""
    start = max([0, plain.rfind("\n", 0, amount.start) + 1, *(e for _, e in taken if e <= amount.start)])
    stop = min([len(plain), *(s for s, _ in taken if s >= amount.end)])
    before, after = plain[max(start, amount.start - 45) : amount.start], plain[amount.end : min(stop, amount.end + 40)]
    for role, leads, follows in _RULES:
        if (behind := rx(follows).search(after)) is not None:
            # `100 de adiantamento pra Rose`: there the word is what the money was for.
            own = role in _OWN_WORDS and "adiant" not in behind.group()
            end = amount.end + behind.end() if own else amount.end
            return replace(amount, role=role, end=end)
        if rx(leads).search(before):
            return replace(amount, role=role)
    return amount


_OWN_WORDS: Final = ("change", "deposit", "discount")
