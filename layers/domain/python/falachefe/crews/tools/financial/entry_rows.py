"""Which ledger entry a person means, and whether they may change it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from falachefe.crews.tools.financial.entries import RESOURCE, in_words
from falachefe.crews.tools.pointing.pointer import Pointer, has_word
from falachefe.crews.tools.pointing.references import Candidate, RowFinder
from falachefe.crews.tools.spec import ToolContext
from falachefe.finance import entries
from falachefe.finance.entries import EntryFilter
from falachefe.finance.service import TransactionView
from falachefe.http.principal import allows
from falachefe.kernel.errors import Forbidden
from falachefe.kernel.text import fold
from falachefe.language.values.categories import category_in

OWN_FOR: Final = timedelta(hours=24)
"""How long an own entry can be changed without `finance.correct`, and deleted without being asked."""
_MOST_READ: Final = 200
_MOST_PARTLY: Final = 20
_KIND_WORDS: Final = {
    "expense": "despesa gasto gastei gastos compra comprei saida pagamento paguei pago",
    "income": "receita entrada venda vendi recebimento recebi ganho",
}


class EntryFinder(RowFinder):
    """The ledger's entries; of somebody who may not read them all, their own."""

    resource = RESOURCE
    missing = "Não encontrei o lançamento {said}."

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._owner = owner_of_entries(context)

    def load(self, ids: Sequence[UUID]) -> Sequence[Candidate]:
        found = entries.entries_by_id(self._context.session, self._context.company_id, ids)
        return [self._candidate(one) for one in found if self._owner in (None, one.created_by)]

    def search(self, pointer: Pointer) -> Sequence[Candidate]:
        categories = tuple(filter(None, map(_category, pointer.words)))
        named = EntryFilter(words=pointer.words, any_word=True, categories=categories)
        whole = replace(named, start=pointer.start, end=pointer.end, amount=pointer.amount)
        found = self._entries(whole, _MOST_READ)
        if not found and pointer.words:
            found = self._entries(named, _MOST_PARTLY)
        if not found and pointer.amount is not None:
            found = self._entries(EntryFilter(amount=pointer.amount), _MOST_PARTLY)
        return [self._candidate(one) for one in found]

    def newest(self, count: int) -> Sequence[Candidate]:
        context = self._context
        own = EntryFilter(created_by=context.user_id)
        found = entries.entries(context.session, context.company_id, own, limit=count, order="written")
        if not found and self._owner is None:
            found = entries.entries(context.session, context.company_id, EntryFilter(), limit=count, order="written")
        return [self._candidate(one) for one in found]

    def is_named(self, candidate: Candidate, word: str) -> bool:
        category = _category(word)
        return has_word(candidate.words, word) or (category is not None and has_word(candidate.words, category))

    def _entries(self, wanted: EntryFilter, limit: int) -> list[TransactionView]:
        limited = replace(wanted, created_by=self._owner)
        return entries.entries(self._context.session, self._context.company_id, limited, limit=limit)

    def _candidate(self, entry: TransactionView) -> Candidate:
        known_by = f"{entry.description} {entry.category_label} {_KIND_WORDS[entry.kind]}"
        return Candidate(
            id=entry.id,
            line=in_words(entry, self._context),
            words=f"{fold(known_by)} {entry.category}",
            amount=entry.amount,
            start=entry.occurred_on,
        )


def owner_of_entries(context: ToolContext) -> UUID | None:
    """Whose entries the sender may see: None for everybody's, a user of none for a sender who is no user."""
    return None if allows(context.permissions, "finance.read") else context.user_id or UUID(int=0)


def is_own_and_recent(context: ToolContext, entry: TransactionView) -> bool:
    own = context.user_id is not None and entry.created_by == context.user_id
    return own and context.now - entry.created_at <= OWN_FOR


def check_may_change(context: ToolContext, entry: TransactionView) -> None:
    """Raises `Forbidden` for an entry of somebody else, or an older one, without `finance.correct`."""
    if allows(context.permissions, "finance.correct"):
        return
    if not (is_own_and_recent(context, entry) and allows(context.permissions, "finance.write")):
        message = "Você só pode mudar o que você mesmo anotou nas últimas 24 horas. Peça a quem cuida do financeiro."
        raise Forbidden(message, code="entry_of_another")


def _category(word: str) -> str | None:
    found = category_in(word, "expense") or category_in(word, "income")
    return found[0] if found else None
