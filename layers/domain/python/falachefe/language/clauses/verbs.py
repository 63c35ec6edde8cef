"""Verbs of money: every form with its lemma, tense, person and event, and which way money goes by who acts.

A new verb is one word in a line of `_VERBS`. Verbs that move money only beside an amount (`dei 20`, `mandei 300`) stand
in the lines marked `soft`.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

from falachefe.kernel.text import fold
from falachefe.language.clauses.conjugation import Tense, forms
from falachefe.language.clauses.types import Direction, MoneyEvent, Verb
from falachefe.language.text.lexicon import words
from falachefe.language.text.normalize import rx


@dataclass(frozen=True, slots=True)
class Meaning:
    """`ours` is the direction when the company acts, `theirs` when somebody else does; None where context decides."""

    event: MoneyEvent
    ours: Direction | None
    theirs: Direction | None
    soft: bool = False


# event, direction when we act, direction when others act, "soft" or "hard": infinitives
_VERBS: Final = """
pay out in hard: pagar quitar acertar liquidar saldar
pay out out hard: desembolsar bancar custear efetuar
spend out out hard: gastar torrar investir abastecer almoçar jantar lanchar consertar reformar pintar renovar
    recarregar contratar doar assinar patrocinar impulsionar anunciar financiar parcelar alugar
spend out out soft: dar deixar passar mandar botar colocar arrumar encher trocar instalar levar pegar debitar descontar
    morrer retirar tirar aplicar trazer dispensar
buy out out hard: comprar adquirir
sell in in hard: vender faturar
sell in in soft: fazer fechar atender realizar terminar entregar
receive in out hard: receber ganhar
receive in in hard: embolsar arrecadar lucrar apurar
receive in in soft: levantar render creditar chegar
receive in in hard: entrar cair pingar
spend out out hard: sair
refund out in hard: devolver reembolsar estornar ressarcir
lend out in hard: emprestar
transfer out in hard: transferir repassar adiantar
deposit out in hard: depositar
withdraw out out hard: sacar
charge in out hard: cobrar
price out out soft: custar
owe none none hard: dever
"""
_WORDS: Final = r"[a-z]+"


@cache
def meanings() -> dict[str, Meaning]:
    """Each lemma, folded, with what it does to money."""
    table: dict[str, Meaning] = {}
    for line in _joined():
        head, _, verbs = line.partition(":")
        event, ours, theirs, kind = head.split()
        meaning = Meaning(event, _direction(ours), _direction(theirs), kind == "soft")  # type: ignore[arg-type]
        for infinitive in verbs.split():
            table[fold(infinitive)] = meaning
    return table


def _joined() -> list[str]:
    return _VERBS.strip().replace("\n    ", " ").splitlines()


def _direction(written: str) -> Direction | None:
    return "in" if written == "in" else "out" if written == "out" else None


@cache
def verb_forms() -> dict[str, tuple[tuple[str, Tense, int], ...]]:
    """Each folded form with its readings (lemma, tense, person), the likeliest first."""
    table: dict[str, list[tuple[str, Tense, int]]] = {}
    for line in _joined():
        for infinitive in line.partition(":")[2].split():
            for form, tense, person in forms(infinitive):
                readings = table.setdefault(form, [])
                reading = (fold(infinitive), tense, person)
                if reading not in readings:
                    readings.append(reading)
    for form in _NEVER_VERBS:
        table.pop(form, None)
    return {form: tuple(readings) for form, readings in table.items()}


# Forms that are far more often another word.
_NEVER_VERBS: Final = words(
    """
    sai cai caio parcela parcelas banco bancos debito debitos credito creditos venda vendas da dao fatura
    faturas fui foi foram fomos de vendo fora ganho ganhos dado dados dada devera doe passa passo passos leva
    leve tire troca trocas troco trocos anuncio apure alugue assinado assinada cobre cobra jantar sair passado
    passada passados passadas bote manda bota coloca coloque arruma tira pega traz conserta deixa encha renda
    rende levante chega morre morta reforma reformas pinta renova faca faz fazer feito feita feitos fecha
    fechado fechada entregue entregues entrega entregas assina aluga recarga repasse adiante saque sacas levado
    mandado mande dera saida entrado entrada entradas saido caido caida mando boto coloco levo pego tiro deixo
    dou traga terminado renovado renovada instalado instalada alugado alugada anunciado financiado financiada
    parcelado parcelada chegado reformado pintado pintada consertado consertada arrumado trocado trocados deva
    devido devida devidos entregar atender fechar chegar dar deixar passar mandar colocar levar pegar conserto
    renovo almoce jante lanche lanches lancha janta jantas almoca almoco almocos bancada assine doada aplica
    aplique dispensa dispensado dispensada dispense pintar botar
    """
)
# Forms that are nouns after an article or a preposition, and before `de` or a place.
_NOUN_FORMS: Final = words(
    """
    compra compras venda vendas gasto gastos deposito depositos desconto descontos custo custos emprestimo
    transferencia recarga anuncios investe adianto deve cobro financia
    """
)
# Verbs that move money only with these things behind them.
_ONLY_WITH: Final[dict[str, str]] = {
    "contratar": r"\s+(?:um |uma |o |a )?(?:servicos?|carretos?|fretes?|planos?|seguro|consultoria|mudanca"
    r"|guincho|buffet|"
    r"caminhao|cacamba|dedetiza\w+|anuncios?|motoboy)\b.{0,20}[\d¦]",
}
_BEFORE_NOUN: Final = (
    r"\b(?:a|as|o|os|um|uma|uns|umas|de|da|do|das|dos|na|no|nas|nos|pela|pelo|pra|pro|minha|meu|essa|esse|nessa"
    r"|nesse|com|por|cada|total|sobre|outro|outra|primeir[oa]|ultim[oa])\s+$"
)
_AFTER_NOUN: Final = r"\s+(?:de|da|do|das|dos|no|na|com|em|pr[ao])\b|\s*[:\-=]|\s*r?\$|\s*\d|\s*$"


def find_verbs(plain: str) -> tuple[Verb, ...]:
    """The verbs of money in `plain`, in order, each with the tense that its surroundings tell."""
    table = verb_forms()
    found: list[Verb] = []
    for match in rx(_WORDS).finditer(plain):
        readings = table.get(match.group())
        if readings is None:
            continue
        if match.group() in _NOUN_FORMS and _is_noun(plain, match.start(), match.end()):
            continue
        lemma, tense, person = _reading(plain, match.start(), match.end(), readings)
        if lemma in _ONLY_WITH and rx(_ONLY_WITH[lemma]).match(plain, match.end()) is None:
            continue
        meaning = meanings()[lemma]
        found.append(Verb(match.start(), match.end(), lemma, tense, person, meaning.event))
    return tuple(found)


def _is_noun(plain: str, start: int, end: int) -> bool:
    if plain[start:end] in ("gasto", "gastos"):
        return rx(r"\b(?:eu|sempre|so|que|foi|foram|tinha)\s+$").search(plain[max(0, start - 8) : start]) is None
    return (
        rx(_BEFORE_NOUN).search(plain[max(0, start - 14) : start]) is not None
        or rx(_AFTER_NOUN).match(plain, end) is not None
    )


_PASSIVE: Final = r"\b(?:foi|foram|esta|estao|estava|ja|sido|ser|era|tudo|fica|ficou)\s+(?:ja |tudo )?$"
_OWN_SUBJECT: Final = (
    r"\b(?:eu|nos|a gente|que|se|nao|ja|so|sempre|todo mes|todo dia|amanha|depois|hoje|dia \d+|sexta|segunda)\s*,?\s*$"
)


def _reading(plain: str, start: int, end: int, readings: tuple[tuple[str, Tense, int], ...]) -> tuple[str, Tense, int]:
    """The reading that fits: `foi paga` is a participle, `paga o boleto` an order, `amanhã pago` a present."""
    if len(readings) == 1:
        return readings[0]
    by_tense = {tense: (lemma, tense, person) for lemma, tense, person in reversed(readings)}
    before = plain[max(0, start - 24) : start]
    if "participle" in by_tense and ("present" in by_tense or "imperative" in by_tense):
        return _short_participle(plain, before, end, by_tense)
    return readings[0]


def _short_participle(
    plain: str, before: str, end: int, by_tense: dict[Tense, tuple[str, Tense, int]]
) -> tuple[str, Tense, int]:
    """`pago`, `paga`: done (`conta paga`, `foi pago hoje`), or said of now (`eu pago`, `paga o boleto`)."""
    finite = by_tense.get("present") or by_tense["imperative"]
    if rx(_PASSIVE).search(before):
        return by_tense["participle"]
    if rx(_OWN_SUBJECT).search(before) or rx(r"(?:^|[.,;:!?\n]\s*)$").search(before):
        return finite
    if rx(r"\s*(?:$|[.,;:!?\n)]|(?:hoje|ontem|anteontem|agora|no|na|em|com|via|por|cedo|ja)\b)").match(plain, end):
        return by_tense["participle"]
    return finite


# Nouns that name a movement of money, with its event and direction.
_NOUNS: Final[dict[str, tuple[MoneyEvent, Direction]]] = {
    **dict.fromkeys(("despesa", "despesas", "gasto", "gastos", "saida", "saidas", "custo", "custos"), ("spend", "out")),
    **dict.fromkeys(("compra", "compras"), ("buy", "out")),
    **dict.fromkeys(("pagamento", "pagamentos", "boleto", "boletos"), ("pay", "out")),
    **dict.fromkeys(("retirada", "retiradas", "sangria"), ("withdraw", "out")),
    **dict.fromkeys(("venda", "vendas", "faturamento", "lucro"), ("sell", "in")),
    **dict.fromkeys(
        ("receita", "receitas", "entrada", "entradas", "recebimento", "recebimentos", "recebido", "recebida",
         "recebidos", "ganho", "ganhos", "vendido", "vendida", "vendidos", "vendidas"),
        ("receive", "in"),
    ),
    **dict.fromkeys(("estorno", "reembolso", "estornos", "ressarcimento", "cashback"), ("refund", "in")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EventNoun:
    start: int
    end: int
    event: MoneyEvent
    direction: Direction


def find_event_nouns(plain: str) -> tuple[EventNoun, ...]:
    """`despesa`, `venda`, `estorno` …: nouns that say what moved and which way."""
    return tuple(
        EventNoun(m.start(), m.end(), *_NOUNS[m.group()]) for m in rx(_WORDS).finditer(plain) if m.group() in _NOUNS
    )
