"""The sums of money of a message, as the subjects use them: after arithmetic, with what makes them unusable."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from falachefe.language.spans.arithmetic import reckon
from falachefe.language.spans.numbers import read_numbers
from falachefe.language.spans.types import Money, Reckoning


@dataclass(frozen=True, slots=True)
class Sum:
    """With a `flaw` the `value` must be asked about; it is the price of one where the flaw is `each`."""

    value: Decimal
    flaw: str | None


def find_sums(plain: str, taken: Sequence[tuple[int, int]] = ()) -> list[Sum]:
    """The sums of money in `plain`, in order. `taken` spans (days) are skipped."""
    return [Sum(_value(reckoned), sum_flaw(reckoned)) for reckoned in reckon(plain, read_numbers(plain, taken))]


def sum_flaw(reckoned: Reckoning) -> str | None:
    """Why the sum must be asked about: the flaw of its amounts, `each` for a price of one, or `instalments`."""
    if all(isinstance(s, Money) and s.role == "unit" and s.flaw is None for s in reckoned.used):
        return "each"
    return "instalments" if reckoned.instalments is not None else reckoned.flaw


def _value(reckoned: Reckoning) -> Decimal:
    stated = (s.value for s in reckoned.used if isinstance(s, Money) and s.value is not None)
    return reckoned.value if reckoned.value is not None else next(stated, Decimal(0))
