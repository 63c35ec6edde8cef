"""Steps of arithmetic: each takes the amounts that a pattern of `rules.py` matched and says what they come to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from re import Match
from typing import Final

from falachefe.language.spans.types import Instalment, Money, MoneyFlaw, Percentage, Quantity
from falachefe.language.text.normalize import rx

type Used = Money | Quantity | Instalment | Percentage
CENT: Final = Decimal("0.01")


def reais(value: Decimal) -> str:
    """`R$ 1.234,50`."""
    return "R$ " + f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


@dataclass(frozen=True, slots=True)
class Node:
    """One letter of the line (see `rules.py`): the spans behind it and what they come to."""

    letter: str
    value: Decimal | None
    used: tuple[Used, ...]
    shown: str = ""
    rest: Decimal | None = None
    instalments: int | None = None
    flaw: MoneyFlaw | None = None
    readings: tuple[Decimal, ...] = ()

    @property
    def span(self) -> Used:
        return self.used[0]


def _used(nodes: Sequence[Node]) -> tuple[Used, ...]:
    return tuple(sorted((s for n in nodes for s in n.used), key=lambda s: s.start))


def _term(node: Node) -> str:
    """How a part is written inside a longer reckoning."""
    return node.shown.rsplit(" = ", 1)[0] if node.shown else reais(node.value or Decimal(0))


def _made(value: Decimal, nodes: Sequence[Node], shown: str, letter: str = "X", rest: Decimal | None = None) -> Node:
    value = value.quantize(CENT, ROUND_HALF_UP)
    return Node(letter, value, _used(nodes), f"{shown} = {reais(value)}" if shown else "", rest)


def _asked(nodes: Sequence[Node], *readings: Decimal) -> Node:
    return Node("F", None, _used(nodes), flaw="ambiguous", readings=tuple(dict.fromkeys(readings)))


def _pick(nodes: Sequence[Node], letters: str) -> Node:
    return next(n for n in nodes if n.letter in letters)


def restated(_: Match[str], nodes: list[Node]) -> Node | None:
    """`R$ 50,00 (cinquenta reais)`: the same amount twice."""
    return replace(nodes[0], used=_used(nodes)) if nodes[0].value == nodes[-1].value else None


def cut_explained(_: Match[str], nodes: list[Node]) -> Node | None:
    """`paguei 95, abateu 15 dos 110`: the three agree."""
    paid, cut, price = nodes[0], nodes[-2], nodes[-1]
    if paid.value is None or cut.value is None or price.value is None or price.value - cut.value != paid.value:
        return None
    return _made(paid.value, nodes, f"{reais(price.value)} − {reais(cut.value)}")


def made_exact(_: Match[str], nodes: list[Node]) -> Node | None:
    """`145 e uns quebrados, 145,80`."""
    rough, exact = nodes
    if rough.flaw != "vague" or rough.value is None or exact.value is None or int(exact.value) != int(rough.value):
        return None
    return replace(exact, used=_used(nodes))


def priced_apart(_: Match[str], nodes: list[Node]) -> Node | None:
    """`60, 20 cada`: the price of one beside a total that is a multiple of it."""
    total, one = nodes
    if not total.value or not one.value or total.value <= one.value or total.value % one.value:
        return None
    return replace(total, used=_used(nodes), letter="X")


def _count_text(quantity: Node) -> str:
    value = (quantity.value or Decimal(0)).normalize()
    return f"{value:f}".replace(".", ",")


def product(match: Match[str], nodes: list[Node]) -> Node | None:
    quantity, price = _pick(nodes, "Q"), _pick(nodes, "MU")
    if quantity.value is None or price.value is None or not quantity.value:
        return None
    count, unit = quantity.value, _unit_of(quantity)
    named = rx(r"U\s*(?:o|a|por|/)\s*([a-z]+)").search(match.string[match.start() : match.end() + 20])
    if named and price.letter == "U" and unit and not _same_unit(unit, named.group(1)):
        return None
    if unit == "duzia" and not (named and named.group(1).startswith("duzi")):
        each = rx(r"U\s*cada").search(match.string[match.start() : match.end() + 8]) is not None
        if each or count < 1:
            dozens = (count * 12 * price.value).quantize(CENT)
            if each:
                return _made(dozens, nodes, f"{f'{count * 12:f}'.rstrip('0').rstrip('.')} × {reais(price.value)}")
            return _asked(nodes, dozens, price.value)
    if count == 1:
        return _made(price.value, nodes, "")
    return _made(count * price.value, nodes, f"{_count_text(quantity)} × {reais(price.value)}")


def _unit_of(node: Node) -> str:
    return node.span.unit if isinstance(node.span, Quantity) else ""


_UNIT_STEMS: Final = {
    "kg": "quil",
    "kgs": "quil",
    "kilo": "quil",
    "kilos": "quil",
    "l": "litr",
    "lt": "litr",
    "cx": "caix",
    "un": "unid",
}


def _same_unit(counted: str, priced: str) -> bool:
    """`2 quilos` and `o kg` are one unit; a price by the piece or the head fits any count."""
    if priced in ("unidade", "un", "peca", "cabeca", "pessoa", "um", "uma"):
        return True
    return _UNIT_STEMS.get(counted, counted[:4]) == _UNIT_STEMS.get(priced, priced[:4])


def for_all(_: Match[str], nodes: list[Node]) -> Node | None:
    """`3 por 10`, `4 pneus por 1.600`: the amount is that of all."""
    return replace(nodes[-1], used=_used(nodes), letter="X")


def add(_: Match[str], nodes: list[Node]) -> Node | None:
    if any(n.value is None for n in nodes) or not all(n.shown or len(n.used) > 1 for n in nodes):
        return None
    total = sum((n.value or Decimal(0) for n in nodes), Decimal(0))
    return _made(total, nodes, " + ".join(_term(n) for n in nodes), "S")


def less_percent(match: Match[str], nodes: list[Node]) -> Node | None:
    base, share = _pick(nodes, "MXST"), _pick(nodes, "P")
    if base.value is None or share.value is None:
        return None
    role = share.span.role if isinstance(share.span, Percentage) else "share"
    cut = (base.value * share.value / 100).quantize(CENT, ROUND_HALF_UP)
    if role == "share" or share.value > 100:
        return None
    sign, value = ("-", base.value - cut) if role == "discount" else ("+", base.value + cut)
    percent = f"{share.value.normalize():f}".replace(".", ",")
    made = _made(value, nodes, f"{_term(base)} {'−' if sign == '-' else '+'} {percent}%")
    if _paid_directly(match) and role == "discount":
        return _asked(nodes, value, base.value)
    return made


def _paid_directly(match: Match[str]) -> bool:
    """`paguei 180 com 10% de desconto` may be the price after it; `uma mesa de 200 com 10%` is the price before."""
    return (
        rx(r"\b(?:paguei|pagamos|pagou|gastei|recebi|saiu(?: por)?|ficou(?: por| em)?|por|desembolsei)\s*$").search(
            match.string[: match.start()]
        )
        is not None
    )


def less(match: Match[str], nodes: list[Node]) -> Node | None:
    base, cut = _pick(nodes, "MXST"), _pick(nodes, "B")
    if base.value is None or cut.value is None or cut.value >= base.value:
        return None
    made = _made(base.value - cut.value, nodes, f"{_term(base)} − {reais(cut.value)}")
    return _asked(nodes, made.value or Decimal(0), base.value) if _paid_directly(match) else made


def plus(_: Match[str], nodes: list[Node]) -> Node | None:
    """`boleto de 200 mais 10 de multa`."""
    first, second = nodes
    if first.value is None or second.value is None:
        return None
    return _made(first.value + second.value, nodes, f"{_term(first)} + {_term(second)}")


def reduced(_: Match[str], nodes: list[Node]) -> Node | None:
    """`de 200 por 180`."""
    before, now = nodes[0], nodes[-1]
    if before.value is None or now.value is None or now.value >= before.value:
        return None
    return replace(now, used=_used(nodes), letter="X")


def change(_: Match[str], nodes: list[Node]) -> Node | None:
    """Handed over less what came back is the price; with the price said as well, the three must agree."""
    back = next((n for n in nodes if n.letter == "C"), None)
    given = next((n for n in nodes if n.letter == "G"), None)
    price = next((n for n in nodes if n.letter in "MXS"), None)
    if back is not None and given is None and price is not None:
        return _kept(nodes, back)
    if given is None or given.value is None:
        return None
    if back is None:
        return replace(price, used=_used(nodes)) if price is not None and (price.value or 0) <= given.value else None
    if back.value is None or back.value >= given.value:
        return None
    paid = given.value - back.value
    if price is not None and price.value is not None and price.value != paid:
        return _asked(nodes, price.value, paid)
    return _made(paid, nodes, f"{reais(given.value)} − {reais(back.value)} de troco")


def _kept(nodes: list[Node], back: Node) -> Node | None:
    """`me deu 200 num serviço de 160, dei 40 de troco`: they differ by the change; the smaller is the price."""
    values = [n for n in nodes if n.letter in "MXS" and n.value is not None]
    if len(values) != 2 or back.value is None:
        return None
    price, given = sorted(values, key=lambda n: n.value or Decimal(0))
    if (given.value or Decimal(0)) - (price.value or Decimal(0)) != back.value:
        return None
    return replace(price, used=_used(nodes))


def change_explained(_: Match[str], nodes: list[Node]) -> Node | None:
    """`me deu 200 num serviço de 160, dei 40 de troco`: the larger was handed over, the smaller is the price."""
    one, other, back = (n.value for n in nodes)
    if one is None or other is None or back is None:
        return None
    given, price = max(one, other), min(one, other)
    if given - price == back:
        return _made(price, nodes, f"{reais(given)} − {reais(back)} de troco")
    return _asked(nodes, price, given - back) if back < given else None


def change_of_stated(_: Match[str], nodes: list[Node]) -> Node | None:
    """`dei 100 e voltou 35`: the larger one was handed over."""
    given, back = nodes[0], nodes[-1]
    if given.value is None or back.value is None or back.value >= given.value:
        return None
    return _made(given.value - back.value, nodes, f"{reais(given.value)} − {reais(back.value)} de troco")


def deposit(_: Match[str], nodes: list[Node]) -> Node | None:
    """A deposit on a larger sum, or with the rest named."""
    paid = _pick(nodes, "D")
    other = next((n for n in nodes if n is not paid), None)
    if other is None or paid.value is None or other.value is None:
        return None
    if other.letter == "O":
        return replace(paid, used=_used(nodes), rest=other.value)
    if other.value <= paid.value:
        return None
    return replace(paid, used=_used(nodes), rest=other.value - paid.value)


def paid_of(_: Match[str], nodes: list[Node]) -> Node | None:
    """`fechei a festa por 2.000 e já me pagaram 800`."""
    whole, paid = nodes
    if whole.value is None or paid.value is None or paid.value >= whole.value:
        return None
    return replace(paid, used=_used(nodes), rest=whole.value - paid.value, letter="X")


def part_of(_: Match[str], nodes: list[Node]) -> Node | None:
    """`pagou 50 dos 80`."""
    paid, whole = nodes[0], nodes[-1]
    if paid.value is None or whole.value is None or paid.value >= whole.value:
        return None
    return replace(paid, used=_used(nodes), rest=whole.value - paid.value, letter="X")


def with_due(_: Match[str], nodes: list[Node]) -> Node | None:
    """`paguei 50 e falta 30`; a total said before is the sum of the two."""
    due, paid = _pick(nodes, "O"), next(n for n in nodes if n.letter != "O")
    return replace(paid, used=_used(nodes), rest=due.value, letter="X")


def half(_: Match[str], nodes: list[Node]) -> Node | None:
    whole = nodes[0]
    if whole.value is None:
        return None
    half = (whole.value / 2).quantize(CENT, ROUND_HALF_UP)
    return _made(half, nodes, f"{reais(whole.value)} ÷ 2", rest=whole.value - half)


def totalled(_: Match[str], nodes: list[Node]) -> Node | None:
    """A total explains the amounts beside it when they come to it; else both are asked about."""
    total = next(n for n in nodes if n.letter == "T")
    parts = [n for n in nodes if n is not total and n.letter in "MXSU" and n.value is not None]
    if any(n.letter not in "MXSUTQ" for n in nodes) or total.value is None:
        return None
    added = sum((n.value or Decimal(0) for n in parts if n.letter != "U"), Decimal(0))
    if not parts or added in (0, total.value) or any(n.letter == "U" for n in parts):
        shown = next((n.shown for n in parts if n.shown and len(parts) == 1), "")
        return replace(total, used=_used(nodes), shown=shown, letter="X")
    return _asked(nodes, total.value, added)


def instalments_of(_: Match[str], nodes: list[Node]) -> Node | None:
    """`600 em 3x`, `600 em 3x de 200`: the value of one of them; where the two disagree, a question."""
    whole, parts = _pick(nodes, "MTXS"), _pick(nodes, "I")
    span = parts.span
    if not isinstance(span, Instalment) or whole.value is None:
        return None
    if span.number is not None:
        # `parcela 3 de 10, 120`
        return replace(whole, used=_used(nodes), letter="X")
    if span.count is None or span.count < 2:
        return None
    one = (whole.value / span.count).quantize(CENT, ROUND_HALF_UP)
    if span.value is not None and abs(span.value * span.count - whole.value) > CENT * span.count:
        return replace(_asked(nodes, whole.value, span.value * span.count), instalments=span.count)
    value = span.value or one
    shown = f"{reais(whole.value)} ÷ {span.count} = {reais(value)}"
    return Node("I", value, _used(nodes), shown, instalments=span.count)
