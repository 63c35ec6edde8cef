"""The words of the names that a company knows, which no mend and no abbreviation may touch."""

from functools import lru_cache
from typing import Final

from falachefe.kernel.text import fold
from falachefe.language.text.lexicon import words
from falachefe.language.types import Facts

_NOT_A_NAME: Final = words("da de do das dos e ltda me eireli epp sa s.a. cia comercio distribuidora loja mercado")


@lru_cache(maxsize=64)
def known_words(facts: Facts) -> frozenset[str]:
    """Folded words of the names of employees, suppliers and contacts, from three letters on."""
    named = (*facts.people, *facts.suppliers, *facts.contacts)
    return frozenset(word for name in named for word in fold(name).split() if len(word) > 2) - _NOT_A_NAME
