"""Splits a message into movements: the stretches that speak of one movement of money each, with or without its amount.

A movement has at most one sum. Text without a sum joins the movement that it tells more about: what comes before the
first sum opens its movement (`paguei o eletricista, foi 180`), what comes after the last closes it
(`…, no pix, anotou?`), unless it has a verb of money and a thing of its own.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from falachefe.language.clauses.corrections import Corrected
from falachefe.language.clauses.types import Verb
from falachefe.language.clauses.verbs import EventNoun, find_event_nouns, find_verbs, meanings
from falachefe.language.clauses.words import has_own_item
from falachefe.language.spans.types import Reckoning, Spans
from falachefe.language.text.blanking import blanked
from falachefe.language.text.normalize import rx


@dataclass(frozen=True, slots=True)
class Movement:
    """`plain[start:end]` with its sum, if it has one, and the verbs and nouns of money inside."""

    start: int
    end: int
    sum: Reckoning | None
    verbs: tuple[Verb, ...]
    nouns: tuple[EventNoun, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """What was found in the message before it is split. `blanked` is `plain` with amounts, days and codes hidden."""

    plain: str
    blanked: str
    spans: Spans
    sums: tuple[Reckoning, ...]
    verbs: tuple[Verb, ...]
    nouns: tuple[EventNoun, ...]
    whole: tuple[tuple[int, int], ...]
    """Stretches that no cut may fall into: the parts of a sum, and a value with its correction."""

    @classmethod
    def of(cls, plain: str, corrected: Corrected, sums: tuple[Reckoning, ...]) -> "Marks":
        without_spans = _without_spans(plain, corrected.spans, corrected.hidden)
        whole = (*corrected.stretches, *((first(s), last(s)) for s in sums))
        verbs, nouns = find_verbs(without_spans), find_event_nouns(without_spans)
        return cls(plain, without_spans, corrected.spans, sums, verbs, nouns, whole)

    def movement(self, start: int, end: int) -> Movement:
        inside = next((s for s in self.sums if start <= first(s) < end), None)
        return Movement(
            start,
            end,
            inside,
            tuple(v for v in self.verbs if start <= v.start < end),
            tuple(n for n in self.nouns if start <= n.start < end),
        )


def first(reckoned: Reckoning) -> int:
    return min(s.start for s in reckoned.used)


def last(reckoned: Reckoning) -> int:
    return max(s.end for s in reckoned.used)


def _without_spans(plain: str, spans: Spans, hidden: tuple[tuple[int, int], ...] = ()) -> str:
    groups = (spans.money, spans.instalments, spans.percentages, spans.days, spans.documents)
    plain = blanked(plain, [(span.start, span.end) for group in groups for span in group])
    for start, end in hidden:
        plain = plain[:start] + " " * (end - start) + plain[end:]
    return plain


_SEPARATOR: Final = (
    r"[,;\n+]|\.(?=\s|$)|[!?]+(?=\s|$)|\s-\s|\be\b(?= )|\bmais\b(?! (?:ou menos|de|que)\b)|\b(?:e )?depois\b"
    r"|\btambem\b|"
    r"\bmas\b|\bporem\b|\bso que\b|\bfora(?= )|\balem d[eo]\b|\bentao\b|\bdai\b|\be ai\b|\bai\b(?= (?:eu"
    r"|a gente|[a-z]+[ei]i)\b)"
)
# `paguei 50 comprei pao 20`: a verb in the first person past begins a clause, whatever stands before it.
_NOT_BEFORE_VERB: Final = (
    r"(?:\b(?:eu|nao|que|nunca|ja|nem|se|gente|tambem|so|e|quando|onde|nos|hoje|ontem)|[,;.!?\n(\"'/-])\s*$"
)


def split_movements(marks: Marks) -> tuple[Movement, ...]:
    """The movements of the message in order. They cover it without gaps or overlaps."""
    fragments = _between_sums(marks, _fragments(marks))
    return _grouped(marks, fragments)


def _fragments(marks: Marks) -> list[tuple[int, int]]:
    cuts = {m.end() for m in rx(_SEPARATOR).finditer(marks.blanked)}
    for verb in marks.verbs:
        opens = verb.tense == "past" and verb.person == 1 and not meanings()[verb.lemma].soft
        if opens and verb.start and not rx(_NOT_BEFORE_VERB).search(marks.blanked[: verb.start]):
            cuts.add(verb.start)
    cuts = {c for c in cuts if not any(start < c < end for start, end in marks.whole)}
    edges = [0, *sorted(c for c in cuts if 0 < c < len(marks.plain)), len(marks.plain)]
    return list(pairwise(edges))


def _between_sums(marks: Marks, fragments: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """`luz 230 água 90` and `50 de gás 30 de pão`, said without a pause, cut after or before each sum."""
    result: list[tuple[int, int]] = []
    for start, end in fragments:
        inside = [s for s in marks.sums if start <= first(s) < end]
        if len(inside) < 2:
            result.append((start, end))
            continue
        named_after = has_own_item(marks.blanked[last(inside[-1]) : end])
        cuts = [first(s) for s in inside[1:]] if named_after else [last(s) for s in inside[:-1]]
        edges = [start, *cuts, end]
        result.extend(pairwise(edges))
    return result


def _grouped(marks: Marks, fragments: list[tuple[int, int]]) -> tuple[Movement, ...]:
    done: list[Movement] = []
    waiting: Movement | None = None
    lead = fragments[0][0] if fragments else 0
    for start, end in fragments:
        piece = marks.movement(start, end)
        if piece.sum is not None:
            if waiting is not None and not _belongs(marks, waiting, piece):
                done.append(waiting)
                lead = start
            begin = waiting.start if waiting is not None and lead <= waiting.start else lead
            done.append(marks.movement(min(begin, start), end))
            waiting, lead = None, end
        elif _heads(marks, piece):
            # A title over a list belongs to nobody's sum; its noun is read from the whole message.
            lead = min(lead, start)
        elif _is_movement(marks, piece):
            if waiting is None and done and _tells_more(marks, done[-1], piece):
                done[-1] = marks.movement(done[-1].start, end)
                lead = end
                continue
            if waiting is not None:
                done.append(waiting)
                lead = start
            waiting = marks.movement(min(lead, start), end)
        elif waiting is not None:
            waiting = marks.movement(waiting.start, end)
        elif done and _is_line(marks, piece):
            done.append(piece)
            lead = end
        elif done and not _opens_next(marks, piece):
            done[-1] = marks.movement(done[-1].start, end)
            lead = end
    if waiting is not None:
        done.append(waiting)
    elif done and lead < len(marks.plain):
        done[-1] = marks.movement(done[-1].start, len(marks.plain))
    return tuple(done) or ((marks.movement(0, len(marks.plain)),) if marks.plain else ())


def _hard(movement: Movement) -> list[Verb]:
    return [v for v in movement.verbs if not meanings()[v.lemma].soft]


def _is_movement(marks: Marks, piece: Movement) -> bool:
    """A verb of money of its own, finite: not `pra pagar o entregador`."""
    return any(
        v.tense != "infinitive" or not rx(r"\b(?:pra|para|de|por|sem|a)\s+$").search(marks.plain[: v.start])
        for v in _hard(piece)
    )


def _heads(marks: Marks, piece: Movement) -> bool:
    """`Gastos de hoje:` over a list."""
    text = marks.plain[piece.start : piece.end].rstrip()
    return bool(piece.nouns or _hard(piece)) and text.endswith(":")


def _belongs(marks: Marks, waiting: Movement, piece: Movement) -> bool:
    """Whether the sum of `piece` is the price of what `waiting` speaks of.

    `comprei papel e detergente 62` has one price for both; in `paguei o almoço e 30 de uber` the 30 has its own thing.
    """
    if rx(r"\bnao\b").search(marks.plain[waiting.start : waiting.end]):
        return False
    said = marks.blanked[piece.start : piece.end]
    if _hard(piece):
        return not has_own_item(said)
    led = rx(r"^\W*¦\W*(?:de|d[oa]|n[oa]|em|com|pr[ao]|para)\b").match(said)
    return not (led and has_own_item(said) and has_own_item(marks.blanked[waiting.start : waiting.end]))


def _is_line(marks: Marks, piece: Movement) -> bool:
    """A line of a list without an amount (`pão 20⏎leite⏎gás 120`): it says nothing about the line before."""
    return (
        len(marks.sums) > 1
        and marks.plain[: piece.start].endswith("\n")
        and marks.plain[: piece.end].endswith("\n")
        and has_own_item(marks.blanked[piece.start : piece.end])
    )


_OPENING: Final = (
    r"^\W*(?:¦\W*|e |ja |de |na |no |a |o |as |agora )*(?:¦|(?:de )?manha|(?:a |de )?tarde|(?:a |de )?noite|cedo)?\W*$"
)


def _opens_next(marks: Marks, piece: Movement) -> bool:
    """Only a day (`ontem: …`), so that it dates what follows and not what came before; or a line of its own."""
    text = marks.blanked[piece.start : piece.end]
    return "¦" in text and rx(_OPENING).match(text) is not None and piece.end < len(marks.plain)


def _tells_more(marks: Marks, movement: Movement, piece: Movement) -> bool:
    """`a contadora cobrou 450, paguei ontem`; `me cobraram 90 mas não paguei`: no thing and no sum of its own."""
    return movement.sum is not None and not has_own_item(marks.blanked[piece.start : piece.end])
