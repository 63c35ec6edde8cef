"""Which open bills somebody means: `a luz`, `seu Zé`, `o aluguel de novembro`, `a de 150`, `a do dia 5`. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from falachefe.finance.bills.service import BillView
from falachefe.kernel.brazil import MONTHS
from falachefe.kernel.text import fold

_NOISE: Final = frozenset(
    """
    a o as os um uma de da do das dos no na nos nas em e com pra pro para por pelo pela que essa esse este esta isso
    aquela aquele minha meu nossa nosso seu sua dona dom sr sra senhor senhora
    conta contas boleto boletos fatura faturas parcela parcelas prestacao mensalidade duplicata titulo carne cobranca
    debito divida fiado fiada pendura caderno caderneta devia devendo devido deve valor reais real rs
    dia mes semana hoje ontem empresa loja todo toda tudo ja vencida vencido atrasada atrasado
    """.split()  # noqa: SIM905  # words read as words
)
"""Words that do not tell one bill from another."""
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "energia": ("luz", "eletrica", "eletricidade", "forca", "enel", "cemig", "copel", "cpfl", "light", "celesc"),
    "agua": ("saneamento", "sabesp", "copasa", "sanepar", "esgoto"),
    "internet_telefone": ("net", "wifi", "banda", "celular", "claro", "vivo", "tim", "oi"),
    "impostos": ("imposto", "das", "simples", "darf", "iptu", "ipva", "iss", "inss", "guia", "mei"),
    "aluguel": ("locacao",),
    "salarios": ("salario", "folha", "pagamento"),
}  # fmt: skip
"""What people also call a category's bills."""
_AMOUNT: Final = re.compile(r"(?:r\$\s*)?(\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?|\d+(?:,\d{1,2})?)(?![\d/])")
_DATE: Final = re.compile(r"\b(\d{1,2})/(\d{1,2})(?:/(?:\d{2}|\d{4}))?\b")
_DAY: Final = re.compile(r"\bdia (\d{1,2})\b")
_INSTALMENT: Final = re.compile(
    r"\b(?:parcela|prestacao) (?:numero )?(\d{1,3})\b|\b(\d{1,3})[ao]? (?:parcela|prestacao)\b"
)
_MONTH_NUMBERS: Final = {fold(name): number for number, name in enumerate(MONTHS, 1)}


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a person said about a bill. Empty when they said nothing that tells one from another."""

    words: tuple[str, ...] = ()
    amounts: tuple[Decimal, ...] = ()
    dates: tuple[tuple[int, int], ...] = ()
    """`5/12`: the day and month in which it is due, or which of how many instalments it is."""
    days: tuple[int, ...] = ()
    """Of the month in which it is due."""
    instalments: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    late: bool = False

    @property
    def is_empty(self) -> bool:
        told = (self.words, self.amounts, self.dates, self.days, self.instalments, self.months, self.late)
        return not any(told)


def pointer_of(text: str) -> Pointer:
    """Reads the words, amounts, days and months of a short text."""
    rest = fold(text)
    dates = tuple((int(found[1]), int(found[2])) for found in _DATE.finditer(rest))
    rest = _DATE.sub(" ", rest)
    days = tuple(int(found[1]) for found in _DAY.finditer(rest))
    rest = _DAY.sub(" ", rest)
    instalments = tuple(int(found[1] or found[2]) for found in _INSTALMENT.finditer(rest))
    rest = _INSTALMENT.sub(" ", rest)
    amounts = tuple(_amount(found[1]) for found in _AMOUNT.finditer(rest))
    words = re.findall(r"[a-z0-9]+", _AMOUNT.sub(" ", rest))
    months = tuple(_MONTH_NUMBERS[word] for word in words if word in _MONTH_NUMBERS)
    late = any(word.startswith(("atrasad", "vencid")) for word in words)
    kept = tuple(word for word in words if word not in _NOISE and word not in _MONTH_NUMBERS and len(word) > 1)
    # The tax DAS is named like "das" only when nothing else is said.
    return Pointer(
        kept or tuple(word for word in words if word == "das"), amounts, dates, days, instalments, months, late
    )


def _amount(written: str) -> Decimal:
    return Decimal(written.replace(".", "").replace(",", "."))


def fitting(bills: Sequence[BillView], pointer: Pointer) -> list[BillView]:
    """The bills that everything said fits, in their order; none if nothing was said."""
    if pointer.is_empty:
        return []
    return [one for one in bills if _fits(one, pointer)]


def _fits(one: BillView, pointer: Pointer) -> bool:
    known = _words_of(one)
    pairs = {(one.due.day, one.due.month), (one.instalment, one.instalments)}
    told: tuple[tuple[object, bool], ...] = (
        (pointer.late, one.overdue),
        (
            pointer.dates,
            not pairs.isdisjoint(pointer.dates),
        ),
        (pointer.days, one.due.day in pointer.days),
        (pointer.months, one.due.month in pointer.months),
        (pointer.instalments, one.instalment in pointer.instalments),
        (pointer.amounts, not {one.amount, one.left}.isdisjoint(pointer.amounts)),
        (pointer.words, all(any(_same(word, other) for other in known) for word in pointer.words)),
    )
    return all(holds for said, holds in told if said)


def _words_of(one: BillView) -> set[str]:
    text = f"{one.description} {one.counterparty or ''} {one.category_label}"
    return {*re.findall(r"[a-z0-9]+", fold(text)), *_ALSO.get(one.category, ())}


def _same(word: str, other: str) -> bool:
    """The same word, also in the plural; from five letters on, the beginning of a longer one is enough."""
    short, long = sorted((_singular(word), _singular(other)), key=len)
    return short == long or (len(short) >= 5 and long.startswith(short))


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word


def narrowed(bills: Sequence[BillView], amount: Decimal | None) -> list[BillView]:
    """Fewer of several fitting bills, where that is safe: the one of this amount, else the earliest of one series."""
    exact = [one for one in bills if amount in (one.left, one.amount)]
    if amount is not None and len(exact) == 1:
        return exact
    series = {one.series_id for one in bills}
    if len(bills) > 1 and len(series) == 1 and None not in series:
        return [min(bills, key=lambda one: (one.due, one.id))]
    return list(bills)


def of_one_customer(bills: Sequence[BillView]) -> bool:
    """Whether they are receivables of one person: a tab, which is paid oldest first."""
    names = {fold(one.counterparty or "") for one in bills}
    return len(names) == 1 and "" not in names and all(one.direction == "receivable" for one in bills)
