"""Phrases about money with what they must lead to: a generator whose oracle is the parts that it put together."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

THINGS: Final = (
    ("gasolina", "combustivel"), ("almoço", "alimentacao"), ("pão", "alimentacao"), ("luz", "energia"),
    ("internet", "internet_telefone"), ("aluguel", "aluguel"), ("frete", "transporte"), ("uber", "transporte"),
    ("tinta", "fornecedores"), ("toner", "material_escritorio"), ("remédio", "saude"),
)  # fmt: skip
# First person past, infinitive, future subjunctive.
SPENT: Final = (("gastei", "gastar", "gastar"), ("paguei", "pagar", "pagar"), ("gastamos", "gastar", "gastar"))
NAMES: Final = ("Ana", "João", "Marta", "Pedro", "Lúcia", "Beto", "Carla")


@dataclass(frozen=True, slots=True)
class Phrase:
    """`tool` is None where nothing may be booked. `amounts` are those to book, in order, as tools take them."""

    text: str
    tool: str | None
    amounts: tuple[str, ...] = ()


def written(value: Decimal, style: int) -> str:
    """The amount as people write it; `style` picks one of four ways."""
    whole = value == int(value)
    digits = f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
    short = digits[:-3] if whole else digits
    return (f"R$ {digits}", f"{short} reais", short.replace(".", ""), short)[style]


AMOUNTS: Final = st.one_of(
    st.integers(31, 9000).map(Decimal),
    st.integers(3100, 900000).map(lambda cents: Decimal(cents) / 100),
)
STYLES: Final = st.integers(0, 3)


@st.composite
def expenses(draw: st.DrawFn) -> Phrase:
    verb, _, _ = draw(st.sampled_from(SPENT))
    thing, _ = draw(st.sampled_from(THINGS))
    value, style = draw(AMOUNTS), draw(STYLES)
    shape = draw(
        st.sampled_from(("{v} {a} de {t}", "{v} {a} com {t}", "ontem {v} {a} de {t}", "{v} {a} no pix de {t}"))
    )
    return Phrase(shape.format(v=verb, a=written(value, style), t=thing), "add_expense", (f"{value:.2f}",))


_CUES: Final = (
    "{a}, digo, {b}", "{a}, não, {b}", "{a}, ops, {b}", "{a}, minto, {b}", "{a}, quer dizer, {b}", "{a}, aliás {b}",
    "{a} digo {b}", "{a}, errei, foi {b}", "{a}, na verdade {b}", "{a}, não, foi {b}",
)  # fmt: skip


@st.composite
def corrections(draw: st.DrawFn) -> Phrase:
    """`gastei 70, digo, 17 de pão`: the second amount is meant."""
    wrong, right = draw(st.lists(AMOUNTS, min_size=2, max_size=2, unique=True))
    style, (thing, _) = draw(STYLES), draw(st.sampled_from(THINGS))
    said = draw(st.sampled_from(_CUES)).format(a=written(wrong, style), b=written(right, style))
    shape = draw(st.sampled_from(("gastei {s} de {t}", "paguei {s} no {t}", "{t} deu {s}")))
    return Phrase(shape.format(s=said, t=thing), "add_expense", (f"{right:.2f}",))


_NOT_DONE: Final = (
    "não {past} os {a} de {t}", "ainda não {past} os {a} de {t}", "vou {inf} {a} de {t}", "tenho que {inf} {a} de {t}",
    "amanhã vou {inf} {a} de {t}", "se eu {sub} {a} de {t} falta pro resto", "preciso {inf} {a} de {t}",
    "será que {past} {a} de {t}?", "o vizinho disse que pagou {a} de {t}", "quero {inf} {a} de {t} semana que vem",
    "a compra de {a} de {t} foi cancelada", "cancelaram a compra de {a} de {t}", "esqueci de {inf} {a} de {t}",
    "talvez eu gaste {a} com {t}", "nunca {past} {a} de {t}", "pensei em {inf} {a} de {t}", "eu pagaria {a} de {t}",
    "o {t} vai custar {a}", "o fornecedor quer {a} pelo {t}",
)  # fmt: skip


@st.composite
def undone(draw: st.DrawFn) -> Phrase:
    """Denied, planned, supposed, asked, reported or cancelled: nothing moved."""
    past, inf, sub = draw(st.sampled_from(SPENT))
    value, style, (thing, _) = draw(AMOUNTS), draw(STYLES), draw(st.sampled_from(THINGS))
    shape = draw(st.sampled_from(_NOT_DONE))
    return Phrase(shape.format(past=past, inf=inf, sub=sub, a=written(value, style), t=thing), None)


_CAME_IN: Final = (
    "recebi {a} d{o} {n}",
    "{o} {n} me pagou {a}",
    "a cliente pagou {a}",
    "me devolveram {a}",
    "estornaram {a} do cartão",
    "entrou um pix de {a}",
    "{o} {n} me devolveu {a}",
    "vendi {a} de bolo",
    "o cliente comprou {a} de bolo",
    "peguei {a} emprestado no banco",
    "mandaram um pix de {a}",
)
_WENT_OUT: Final = (
    "o entregador recebeu {a} da corrida",
    "{o} {n} recebeu {a} de comissão",
    "devolvi {a} pra cliente",
    "emprestei {a} pr{o} {n}",
    "paguei {a} pr{o} {n}",
    "transferi {a} pr{o} {n}",
    "{o} {n} me vendeu uma mesa por {a}",
    "o funcionário comprou {a} de gás",
    "o motoboy levou {a} da entrega",
    "me cobraram {a} de taxa e paguei",
    "saiu {a} do caixa pro motoboy",
    "o João gastou {a} de gasolina",
    "reembolsei {a} do cliente",
)
_DIRECTIONS: Final = (*((s, "add_income") for s in _CAME_IN), *((s, "add_expense") for s in _WENT_OUT))


@st.composite
def directions(draw: st.DrawFn) -> Phrase:
    """Who gives and who receives decides the side."""
    name = draw(st.sampled_from(NAMES))
    shape, tool = draw(st.sampled_from(_DIRECTIONS))
    value, style = draw(AMOUNTS), draw(STYLES)
    article = "a" if name[-1] == "a" else "o"
    return Phrase(shape.format(a=written(value, style), n=name, o=article), tool, (f"{value:.2f}",))


@st.composite
def lists(draw: st.DrawFn) -> Phrase:
    """Several expenses in one message, one a line, with commas, or without any pause."""
    items = draw(
        st.lists(st.tuples(st.sampled_from(THINGS), AMOUNTS), min_size=2, max_size=30, unique_by=lambda i: i[1])
    )
    style = draw(STYLES)
    shape = draw(st.sampled_from(("\n- {t} {a}", "\n{t}: {a}", ", {a} de {t}", ", {t} {a}")))
    said = "".join(shape.format(t=thing, a=written(value, style)) for (thing, _), value in items)
    opening = "Gastos de hoje:" if shape.startswith("\n") else "gastei"
    text = opening + said if shape.startswith("\n") else f"{opening} {said[2:]}"
    return Phrase(text, "add_expense", tuple(f"{value:.2f}" for _, value in items))
