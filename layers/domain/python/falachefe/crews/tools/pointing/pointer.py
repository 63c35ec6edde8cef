"""Reads what a person said of a row: its place in a list, an amount, a day, words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from falachefe.kernel.text import fold
from falachefe.language.days.calendar import Prefer
from falachefe.language.spans.days import read_days
from falachefe.language.spans.numbers import read_numbers
from falachefe.language.text.normalize import normalize

MAX_POSITION: Final = 50

_ORDINALS: Final = {"primeir": 1, "segund": 2, "terceir": 3, "quart": 4, "quint": 5}
_NUMBERS: Final = {"um": 1, "uma": 1, "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5}
_THING: Final = r"(?:n(?:umero|ro|o|º|°)?\.?|opcao|item|lancamento|conta|chamado|lembrete|linha)"
_OF_LIST: Final = r"(?: (?:d[ae]|n[ae]) lista)?"
_IN_LIST: Final = re.compile(
    rf"(?:[oa]s? )?(?:{_THING} ?)?(?:(?P<digits>\d{{1,2}}) ?[.)ªºa°o]*|(?P<word>{'|'.join(_NUMBERS)})){_OF_LIST}"
)
_ORDINAL: Final = re.compile(rf"(?:[oa] )?(?P<stem>{'|'.join(_ORDINALS)})[oa](?: {_THING})?{_OF_LIST}")
_LAST: Final = re.compile(r"\bpenultim[oa]s?\b|\bultim[oa]s?\b|\bmais recentes?\b|\bmais nov[oa]s?\b")
_NO_DESCRIPTION: Final = frozenset(
    """
    o a os as um uma uns umas e ou que de do da dos das dessa desse deste desta disso daquela daquele
    no na nos nas em com por pelo pela pelos pelas pra pro para ao aos la ai ali aqui
    esse essa esses essas este esta estes estas isso isto aquele aquela aquilo ele ela eles elas mesmo mesma
    eu foi era fiz fez lancei anotei registrei lancado anotado registrado tinha lancamento lancamentos registro
    registros anotacao anotacoes valor reais real dia meu minha meus minhas seu sua so
    """.split()  # noqa: SIM905  # words read as words
)
_FORMS: Final = {"r$", "rs", "brl", "$"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """What was said. Of several amounts or days the first counts; `words` are folded, without articles and the like."""

    said: str
    position: int | None = None
    """"o 2", "o segundo": from 1."""
    last: int | None = None
    """0 for "o último", 1 for "o penúltimo"."""
    amount: Decimal | None = None
    start: date | None = None
    end: date | None = None
    words: tuple[str, ...] = ()

    @property
    def describes(self) -> bool:
        """Whether it says anything of the row itself."""
        return self.amount is not None or self.start is not None or bool(self.words)


def read_pointer(said: str, today: date, prefer: Prefer = "past") -> Pointer:
    """`said` is short, as the person said it; days in it are relative to `today`.

    `prefer` is the side of today on which "sexta" lies.
    """
    plain = " ".join(fold(said).replace("\u00a0", " ").split()).strip(" .!?,;")
    last = _LAST.search(plain)
    described = _without(plain, [last.span()]) if last else plain
    days = [one for one in read_days(normalize(described), today, prefer=prefer) if one.kind != "impossible"]
    spans = [(one.start, one.end) for one in days]
    money = read_numbers(described, spans).money
    amounts = [one for one in money if one.value is not None and one.flaw is None]
    used = spans + [(one.start, one.end) for one in amounts]
    return Pointer(
        said=said,
        position=_position(plain),
        last=(1 if last.group().startswith("pen") else 0) if last else None,
        amount=amounts[0].value if amounts else None,
        start=days[0].first if days else None,
        end=days[0].last if days else None,
        words=words_of(_without(described, used)),
    )


def _without(plain: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in spans:
        plain = plain[:start] + " " * (end - start) + plain[end:]
    return plain


def words_of(text: str) -> tuple[str, ...]:
    """The words that describe something, folded, each once."""
    found = re.findall(r"[a-z0-9$]+", fold(text))
    return tuple(dict.fromkeys(word for word in found if word not in _NO_DESCRIPTION | _FORMS and word.strip("$")))


def has_word(text: str, word: str) -> bool:
    """Whether a word of `text` (folded) begins with `word`, in the singular; a word of up to three letters is whole."""
    singular = word[:-1] if len(word) > 3 and word.endswith("s") else word
    words = re.findall(r"[a-z0-9]+", text)
    return singular in words if len(singular) <= 3 else any(one.startswith(singular) for one in words)


def _position(plain: str) -> int | None:
    named = _ORDINAL.fullmatch(plain)
    if named:
        return _ORDINALS[named.group("stem")]
    counted = _IN_LIST.fullmatch(plain)
    if not counted:
        return None
    number = int(counted.group("digits")) if counted.group("digits") else _NUMBERS[counted.group("word")]
    return number if 1 <= number <= MAX_POSITION else None
