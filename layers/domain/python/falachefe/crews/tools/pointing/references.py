"""Finds the row that a person means: first among those that the conversation was about, then in the company.

One match is the answer. Several are listed with numbers and asked about, and the question's rows are kept, so that
"o 2" answers it. What fits in part only is asked about too, never taken.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from falachefe.crews.tools.pointing.pointer import Pointer, has_word, read_pointer
from falachefe.crews.tools.recorded_calls import RecordedCall, latest_calls
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult
from falachefe.language.days.calendar import Prefer

WHICH_ONE: Final = "which_one"
"""The code of a question with numbered rows."""
MOST_ASKED: Final = 5
_REMEMBERED: Final = timedelta(hours=24)
_MOST_CALLS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A row that may be meant. `line` is how it is listed, `words` the folded text by which it is known."""

    id: UUID
    line: str
    words: str
    amount: Decimal | None = None
    start: date | None = None
    end: date | None = None
    """Its day, or the first and the last one."""


class RowFinder(ABC):
    """Reads the rows of one resource that the sender may use. Subclasses call the context's service."""

    resource: str
    """Its API name, as in `Row`."""
    missing: str
    """With `{said}`: "Não encontrei o lançamento {said}."."""
    prefer: Prefer = "past"
    """The side of today on which such rows lie, for "a de sexta"."""

    @abstractmethod
    def load(self, ids: Sequence[UUID]) -> Sequence[Candidate]:
        """Those of the rows that are still there, in this order."""

    @abstractmethod
    def search(self, pointer: Pointer) -> Sequence[Candidate]:
        """The company's rows that fit in whole or in part, the newest first; a few hundred at most."""

    @abstractmethod
    def newest(self, count: int) -> Sequence[Candidate]:
        """The rows that the sender wrote last, the newest first."""

    def is_named(self, candidate: Candidate, word: str) -> bool:
        """Whether the word means this row; rows that have the words themselves are preferred."""
        return has_word(candidate.words, word)


def resolve(context: ToolContext, said: str, finder: RowFinder) -> Candidate | ToolResult:
    """The row that is meant, or the answer to give instead: a question (`which_one`), or that there is none."""
    pointer = read_pointer(said, context.today, finder.prefer)
    recent = _recent_calls(context, finder.resource)
    if pointer.position is not None:
        in_list = _in_list(recent, pointer.position, finder)
        if in_list is not None:
            return in_list
    if pointer.last is not None and not pointer.describes:
        newest = finder.newest(pointer.last + 1)
        return newest[pointer.last] if len(newest) > pointer.last else _none(pointer, finder)
    shown = finder.load(list(dict.fromkeys(one for _, ids in recent for one in ids)))
    if not pointer.describes:
        return _this(recent, pointer, finder)
    whole = [one for one in shown if _fits(pointer, one, finder)]
    in_company = [] if whole else finder.search(pointer)
    whole = whole or [one for one in in_company if _fits(pointer, one, finder)]
    if whole:
        return _chosen(pointer, whole, finder)
    partly = _best_partly([*shown, *in_company], pointer, finder)
    if not partly:
        return _none(pointer, finder)
    opening = "Não achei exatamente isso, só o que é parecido:"
    return _question(opening, "Seria um destes?" if len(partly) > 1 else "Seria o 1?", partly, finder)


def _recent_calls(context: ToolContext, resource: str) -> list[tuple[RecordedCall, list[UUID]]]:
    """The conversation's calls that were about such rows, the newest first, with the rows."""
    calls = latest_calls(context.session, context.company_id, context.conversation_id, limit=_MOST_CALLS)
    found = []
    for call in calls:
        rows = ToolResult.of_stored(call.result).rows
        ids = [row.id for row in rows if row.resource == resource]
        if ids and context.now - call.created_at <= _REMEMBERED:
            found.append((call, ids))
    return found


def _in_list(
    recent: Sequence[tuple[RecordedCall, list[UUID]]], position: int, finder: RowFinder
) -> Candidate | ToolResult | None:
    """The row at this place of the last list; None when there is no such list, so that the number means an amount."""
    lists = (ids for call, ids in recent if len(ids) > 1 or call.result.get("code") == WHICH_ONE)
    listed = next(lists, None)
    if listed is None or position > len(listed):
        return None
    there = finder.load([listed[position - 1]])
    if there:
        return there[0]
    return ToolResult(False, f"O {position} da lista não existe mais.", code="row_not_found")


def _this(
    recent: Sequence[tuple[RecordedCall, list[UUID]]], pointer: Pointer, finder: RowFinder
) -> Candidate | ToolResult:
    """What the last reply about such rows was about: the rows of all calls of that task."""
    if not recent:
        return _none(pointer, finder)
    task_id = recent[0][0].task_id
    ids = list(dict.fromkeys(one for call, ids in reversed(recent) if call.task_id == task_id for one in ids))
    there = finder.load(ids)
    return _chosen(pointer, there, finder) if there else _none(pointer, finder)


def _chosen(pointer: Pointer, found: Sequence[Candidate], finder: RowFinder) -> Candidate | ToolResult:
    literally = [one for one in found if all(has_word(one.words, word) for word in pointer.words)]
    found = literally or found
    if len(found) == 1:
        return found[0]
    if pointer.last is not None and len(found) > pointer.last:
        return sorted(found, key=lambda one: one.id, reverse=True)[pointer.last]  # ids sort by when it was written
    return _question("Achei mais de um:", "Qual deles?", found, finder)


def _fits(pointer: Pointer, candidate: Candidate, finder: RowFinder) -> bool:
    return (
        (pointer.amount is None or candidate.amount == pointer.amount)
        and _overlaps(pointer, candidate)
        and all(finder.is_named(candidate, word) for word in pointer.words)
    )


def _overlaps(pointer: Pointer, candidate: Candidate) -> bool:
    if pointer.start is None or pointer.end is None:
        return True
    if candidate.start is None:
        return False
    return candidate.start <= pointer.end and (candidate.end or candidate.start) >= pointer.start


def _best_partly(candidates: Iterable[Candidate], pointer: Pointer, finder: RowFinder) -> list[Candidate]:
    """The rows that most of what was said fits, without those that nothing but the day fits."""
    scored: dict[UUID, tuple[int, Candidate]] = {}
    for one in candidates:
        named = sum(finder.is_named(one, word) for word in pointer.words)
        priced = pointer.amount is not None and one.amount == pointer.amount
        if named or priced:
            on_day = pointer.start is not None and _overlaps(pointer, one)
            scored.setdefault(one.id, (named + priced + on_day, one))
    best = max((score for score, _ in scored.values()), default=0)
    return [one for score, one in scored.values() if score == best]


def _question(opening: str, question: str, found: Sequence[Candidate], finder: RowFinder) -> ToolResult:
    """The question stands last: by its mark the offline engine knows that the next message answers it."""
    asked = found[:MOST_ASKED]
    lines = [f"{number}. {one.line}" for number, one in enumerate(asked, 1)]
    if len(found) > MOST_ASKED:
        lines.append(f"… e mais {len(found) - MOST_ASKED}. Se não for nenhum destes, diga também o valor ou o dia.")
    rows = tuple(Row(finder.resource, one.id) for one in asked)
    return ToolResult(
        False, "\n".join([opening, *lines, question]), {"options": _options(asked)}, code=WHICH_ONE, rows=rows
    )


def _options(asked: Sequence[Candidate]) -> list[dict[str, Any]]:
    return [{"number": number, "is": one.line} for number, one in enumerate(asked, 1)]


def _none(pointer: Pointer, finder: RowFinder) -> ToolResult:
    said = f"“{' '.join(pointer.said.split())[:60]}”"
    return ToolResult(False, finder.missing.format(said=said), code="row_not_found")
