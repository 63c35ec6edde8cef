"""Spans of a message. Offsets index `Text.plain`, `plain[start:end]`; spans of one message do not overlap.

A reader reports what it saw and never drops it: a number that cannot be used is a `Money` with a `flaw`, so that
whatever decides later can ask about it.

`Text` -> `spans/numbers.py: read_numbers(plain, taken)` money, quantities, instalments, percentages;
`spans/days.py: read_days(text, today, taken)`; `spans/arithmetic.py: reckon(plain, spans)` the sums of one clause;
`spans/reader.py` puts them together. `taken` are spans of others, never read twice.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

type MoneyRole = Literal[
    "stated", "unit", "total", "paid", "due", "deposit", "discount", "change", "tendered", "limit", "price", "base"
]
"""What an amount is, by the words beside it.

- `stated`: none of the others, the plain amount of its clause (`gastei 50`).
- `unit`: the price of one (`27,50 cada`, `4 sacos a 27,50`, `2 bolos de 45`).
- `total`: the sum of others in the message (`no total deu 114`, `tudo por 200`).
- `paid`: the part that moved of a larger sum (`pagou 50 dos 80`, `dei 300 de entrada` is `deposit`).
- `due`: the part still owed (`falta 200`, `o resto, 150, fica pra sexta`).
- `deposit`: paid first on a larger service or purchase (`300 de sinal`, `de entrada`).
- `discount`: taken off a price (`com 10 de desconto`).
- `change`, `tendered`: what came back and what was handed over (`nota de 50 …, sobrou 18 de troco`).
- `limit`: of a budget or a ceiling (`limite de 500`, `no máximo 200`).
- `price`: of a thing, without saying that money moved (`o freezer custa 2.000`, `um serviço de 1.200`).
- `base`: what a percentage is taken of (`10% de 500`).
"""

type MoneyFlaw = Literal["vague", "zero", "negative", "too_big", "malformed", "ambiguous", "foreign"]
"""Why an amount must be asked about. `ambiguous`: `readings` has the values to choose from. `foreign`: not in reais."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in `currency` (ISO code; BRL when none is named).

    `value` is None exactly when there is no single reading of the digits; with a `flaw` it must never be booked,
    though it may be shown. `certain` means surely money: a currency, a scale word (`mil`, `k`) or cents beside it. A
    bare `150` is money too, with `certain` false.
    """

    start: int
    end: int
    value: Decimal | None
    currency: str = "BRL"
    role: MoneyRole = "stated"
    certain: bool = False
    flaw: MoneyFlaw | None = None
    readings: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A count or a measure: `4 sacos`, `3,5 kg`, `2 diárias`. `unit` is the folded noun, "" for a bare count."""

    start: int
    end: int
    value: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Instalment:
    """Instalments: `3x de 200` (count 3, value 200), `parcela 3 de 10` (number 3, count 10), `em 12 vezes` (count 12).

    The span covers the amount too when it is the value of one instalment; no `Money` repeats it.
    """

    start: int
    end: int
    count: int | None = None
    number: int | None = None
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Percentage:
    """`10%` is `value` 10. `role` is `discount` for `com 10% de desconto`, `surcharge` for `mais 10%`, else `share`."""

    start: int
    end: int
    value: Decimal
    role: Literal["discount", "surcharge", "share"] = "share"


type WhenRole = Literal["happened", "due", "validity", "start", "end", "terms"]
"""What a day is for. Only `happened` dates an entry.

- `happened`: the day of the act, or of a question (`ontem`, `de 1 a 15`); the default.
- `due`: when something is to be paid or done (`vence 05/12`, `pra sexta`, `até dia 10`).
- `validity`: how long an offer holds, what month a bill is for (`promoção até domingo`, `a conta de outubro`).
- `start`, `end`: of a leave, a contract, a job (`começa segunda`).
- `terms`: a payment term (`a 30 dias`); `first` is that many days after the message.
"""


@dataclass(frozen=True, slots=True)
class When:
    """A day or an inclusive range of days, `first` to `last` in the company's calendar (`first == last` for a day).

    `exact` is false where the words leave the day open (`semana passada`, `outro dia`) and it must be asked for before
    an entry is dated by it. `impossible` is a day that no calendar has (`31/02`); `first` is then the message's day.
    """

    start: int
    end: int
    first: date
    last: date
    kind: Literal["day", "range", "impossible"] = "day"
    role: WhenRole = "happened"
    exact: bool = True


type KnownAs = Literal["employee", "supplier", "contact", "name", "unknown"]


@dataclass(frozen=True, slots=True)
class Person:
    """A person or company named in the message. `name` has its capitals; a fact's name is written as the fact is.

    `known` is the list of `Facts` that has the name, `name` for a first name of the lexicon, `unknown` where only place
    and capitals tell. `title` is `seu`, `dona`, `dr` … as written, folded.
    """

    start: int
    end: int
    name: str
    known: KnownAs = "unknown"
    title: str = ""


type DocumentKind = Literal[
    "cpf", "cnpj", "phone", "email", "url", "pix", "boleto", "invoice_key", "postal_code", "plate", "number"
]


@dataclass(frozen=True, slots=True)
class Document:
    """An identifier, never money: CPF, CNPJ, phone, line of a boleto, Pix code, invoice key, order number."""

    start: int
    end: int
    kind: DocumentKind
    text: str


@dataclass(frozen=True, slots=True)
class CategoryWord:
    """A word that names a ledger category: its category as an expense and as an income, None where it has none."""

    start: int
    end: int
    expense: str | None = None
    income: str | None = None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Arithmetic over amounts of one clause: the sum that moved and how it was reckoned.

    `shown` is what the reply shows (`3 × R$ 32,00 = R$ 96,00`), "" for a plain amount. `rest` is what stays owed of a
    larger sum (a deposit on a service). `used` are the spans that went into it, in order: all of them are explained.
    `instalments` is the count of payments that `value` is one of. A `flaw` means that `value` must be asked about;
    `readings` are then the choices, if there are any.
    """

    value: Decimal | None
    used: tuple[Money | Quantity | Instalment | Percentage, ...]
    shown: str = ""
    rest: Decimal | None = None
    instalments: int | None = None
    flaw: MoneyFlaw | None = None
    readings: tuple[Decimal, ...] = ()


type Span = Money | Quantity | Instalment | Percentage | When | Person | Document | CategoryWord


@dataclass(frozen=True, slots=True)
class Spans:
    """All spans of a message, each tuple in order of offset.

    No reader fills `people`, `documents` and `categories` yet.
    """

    money: tuple[Money, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    instalments: tuple[Instalment, ...] = ()
    percentages: tuple[Percentage, ...] = ()
    days: tuple[When, ...] = ()
    people: tuple[Person, ...] = ()
    documents: tuple[Document, ...] = ()
    categories: tuple[CategoryWord, ...] = ()

    def within(self, start: int, end: int) -> "Spans":
        """The spans that begin inside `plain[start:end]`."""

        def inside[S: Span](spans: tuple[S, ...]) -> tuple[S, ...]:
            return tuple(s for s in spans if start <= s.start < end)

        return Spans(
            inside(self.money),
            inside(self.quantities),
            inside(self.instalments),
            inside(self.percentages),
            inside(self.days),
            inside(self.people),
            inside(self.documents),
            inside(self.categories),
        )
