"""What a day in a message is for, by the words beside it, and on which side of today it lies."""

from collections.abc import Sequence
from typing import Final, Literal

from falachefe.language.days.calendar import Prefer
from falachefe.language.spans.types import WhenRole
from falachefe.language.text.normalize import rx

type Cue = tuple[int, Literal["past", "future"]]

_PAST: Final = (
    r"\b(?!(?:sei|lei|rei|meu|seu|teu|eu|ou|vou|dou|sou|estou|museu|pneu|deus|ramos|vamos|estamos|temos|somos|devemos|"
    r"podemos|queremos|precisamos|lembrei|pediu|solicitou|marcou|hei|menos|memos)\b)[a-z]{2,}(?:ei|ou|eu|iu|aram|"
    r"eram|iram|amos|emos|imos)\b"
    r"|\b(?:foi|foram|fui|fiz|fez|fizemos|teve|tive|veio|estava|era|pus|pos|pago|feito|saiu|caiu|vindo|recebido|"
    r"vendido|"
    r"comprado|tirei)\b"
)
_FUTURE: Final = (
    r"\b(?:vou|vai|vamos|vao|irei|ira|iremos|irao|quero|queremos|quer|queria|preciso|precisa|precisamos|precisava|"
    r"pretend\w+|gostaria|lembr\w+|me avis\w+|agend\w+|marc(?:a|ar|e|ou)|program(?:a|ar|e)|reserv(?:a|ar|e)|folgas?|"
    r"folgar|"
    r"folgo|ferias|recesso|licenca|tirar|pede|pedir|pediu|solicit\w+|liber(?:a|ar|e|ou)|dispens\w+|posso|pode|podemos|"
    r"devo|deve|devemos|tenho que|tem que|temos|sera|serao|comec(?:a|am|ar)|volta|voltam|retorna|"
    r"paga|recebe|(?<!foi )(?<!esta )(?<!ja )(?:pago|recebo|compro|acerto|quito|entrego|devolvo|transfiro)|pagarei|"
    r"[a-z]{3,}(?:arei|erei|aremos|eremos)|vence|vencem|cai|entra|nao vem|nao vira|previsto|prevista|falto)\b"
)
_VERBS: Final = r"(?P<future>" + _FUTURE + r")|(?P<past>" + _PAST + r")"

_GAP: Final = r"(?:\s+[a-z]+){0,3}\s*[:\-]?\s*$"
_DUE_WORD: Final = r"\b(?:venc(?:e|em|eu|eram|ia|endo|er|era|ido|ida|idos|idas)|vencimentos?|vcto|venc|vto)\b"
_DUE_BEFORE: Final = (
    _DUE_WORD + _GAP
    + r"|\b(?:pra|para|a|por)\s+(?:pagar|receber|entregar|quitar|acertar|retirar|buscar)(?:\s+[a-z]+){0,3}\s*$"
    r"|\b(?:pra|para|pro|pras)\s+(?:o |a |todo |toda |ate (?:o |a )?)?$"
    r"|\b(?:prazo|pagar|pago|paga|pagamento|pagarei|quito|acerto|entrega|entregar|devolver|"
    r"resto)\b[^.;!?\n]{0,24}\bate\s+(?:o |a |no |na )?$"
    r"|\b(?:agendad[oa]s?|marcad[oa]s?|previst[oa]s?|programad[oa]s?|combinad[oa]s?|pre datad[oa]s?|bom|"
    r"fica)\s+(?:pra|para|pro|em)\s+(?:o |a )?$"
)  # fmt: skip
# `lança uma despesa de 500 pra 10/12`: the order names the date of the entry.
_DATED_ORDER: Final = (
    r"\b(?:lanc(?:a|e|ar)|registr(?:a|e|ar)|anot(?:a|e|ar)|adicion(?:a|e|ar))\b.*\b(?:despesa|gasto|receita|entrada|"
    r"saida)\b"
    r"(?!.*\bvenc).*\b(?:pra|para|pro)\s+(?:o )?$"
)
_DUE_AFTER: Final = r"^\s*(?:,\s*)?(?:que |e que |e quando )?(?:vence|vencem|venceu|vencia|e o vencimento|vencimento)\b"
_PAST_DUE: Final = r"\b(?:venceu|venceram|vencia|vencid[oa]s?|atrasad[oa]s?)\b"
_VALIDITY_BEFORE: Final = (
    r"\b(?:validade|valid[oa]s?|vale|valem|valendo|promocao|oferta|desconto|cupom|condicao|aproveite|"
    r"so)\b[^.;!?\n\d]{0,28}"
    r"\b(?:ate|em)\s+(?:o |a |as )?$|\bvalidade\s*:?\s*$"
)
_START_BEFORE: Final = (
    r"\b(?:a partir d[eoa]|desde|inicio|com inicio|inicia|iniciando|inicial)\s*(?:em |o |a |na |no |:)?\s*$"
    r"|\b(?:comec(?:a|ou|am|ando|ar)|entr(?:a|ou)|inici(?:a|ou))(?:\s+a trabalhar)?\s+(?:em |n[ao] |d[eo] |o |a |ja )?$"
)
_END_BEFORE: Final = (
    r"\bate\s+(?:o |a |as |final |fim )?(?:d[eo] )?$"
    r"|\b(?:termin|acab|volt|retorn)\w*\s+(?:a trabalhar )?(?:em |n[ao] |so |ja )*$"
)
_ASKED_ABOUT: Final = (
    r"\b(?:gast\w+|despesas?|vendas?|receitas?|entradas?|saidas?|relatorios?|resumo|fluxo|caixa|faturamento|"
    r"movimento|lucro|"
    r"balanco|extrato|saldo|total|periodo|resultado|fechamento|compras|pagamentos|recebimentos|contas|lancamentos|dre"
    r"|parcial|meio|inicio|comeco|fim|final)\s+d[aeo]\s*$"
)
_ABOUT: Final = r"\b[a-z]{3,}\s+d[aeo]\s*$"


def verb_cues(plain: str) -> list[Cue]:
    """Verbs and nouns that place what is said in the past or the future, in order."""
    return [(m.start(), "future" if m.group("future") else "past") for m in rx(_VERBS).finditer(plain)]


def tense_at(plain: str, start: int, cues: Sequence[Cue]) -> Prefer | None:
    """The tense of the clause around an offset: of the nearest verb before it in its sentence, else the next after.

    None without any verb.
    """
    opens = max((plain.rfind(mark, 0, start) for mark in ".;!?\n"), default=-1)
    before = [tense for at, tense in cues if opens < at < start]
    if before:
        return before[-1]
    return next((tense for at, tense in cues if at > start), None)


def role_at(plain: str, start: int, end: int, *, is_period: bool) -> WhenRole:
    """The role of the day or period at `plain[start:end]`, by its sentence."""
    opens = max((plain.rfind(mark, 0, start) for mark in ";!?\n"), default=-1)
    before, after = plain[max(opens + 1, start - 60) : start], plain[end : end + 24]
    if rx(_VALIDITY_BEFORE).search(before):
        return "validity"
    if rx(_DUE_BEFORE).search(before) or rx(_DUE_AFTER).match(after):
        return "happened" if rx(_DATED_ORDER).search(before) else "due"
    if rx(_START_BEFORE).search(before):
        return "start"
    if rx(_END_BEFORE).search(before):
        return "end"
    if is_period and rx(_ABOUT).search(before) and not rx(_ASKED_ABOUT).search(before):
        return "validity"
    return "happened"


def side_of(role: WhenRole, plain: str, start: int, tense: Prefer) -> Prefer:
    """The side of today for a day with that role, `tense` being that of its clause."""
    if role == "due":
        return "past" if rx(_PAST_DUE).search(plain[max(0, start - 40) : start]) else "future"
    if role == "validity":
        return "future" if rx(r"\bate\s+(?:o |a |as )?$").search(plain[:start]) else tense
    if role == "start" and rx(r"\bdesde\s+(?:o |a )?$").search(plain[:start]):
        return "past"
    return tense
