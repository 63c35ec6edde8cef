"""Arithmetic over the amounts of a message or a clause: what moved, how it was reckoned, and what stays owed.

The text is rewritten as a line of letters (see `money/rules.py`). A rule replaces what its pattern matched by the
letter of a result, which later rules may use again: two products are summed, a sum is discounted. What no rule takes
stays an amount of its own.
"""

from decimal import ROUND_HALF_UP

from falachefe.language.spans.money.rules import LETTER, LETTERS, RULES, Step
from falachefe.language.spans.money.steps import CENT, Node, Used
from falachefe.language.spans.types import Instalment, Percentage, Quantity, Reckoning, Spans
from falachefe.language.text.normalize import rx


def reckon(plain: str, spans: Spans) -> tuple[Reckoning, ...]:
    """The sums of `plain`, in order: each amount of `spans` is in exactly one of them.

    The offsets of `spans` index `plain`. Counts and percentages without an amount are left out. The price of one whose
    count is not known has the flaw `ambiguous` and no readings: the total must be asked for.
    """
    line, nodes = _line(plain, spans)
    if all(n.letter in "QP" for n in nodes):
        return ()
    if len(nodes) > 1 or "metade" in line:
        for letters, pattern, step in RULES:
            if all(letter in line for letter in letters):
                line, nodes = _apply(line, nodes, pattern, step)
    return tuple(_reckoning(n) for n in nodes if n.letter not in "QP")


def _line(plain: str, spans: Spans) -> tuple[str, list[Node]]:
    found: list[Used] = [*spans.money, *spans.quantities, *spans.instalments, *spans.percentages]
    pieces: list[str] = []
    nodes: list[Node] = []
    offset = 0
    for span in sorted(found, key=lambda s: s.start):
        if span.start < offset:
            continue
        node = _node(span)
        pieces += (plain[offset : span.start], node.letter)
        nodes.append(node)
        offset = span.end
    pieces.append(plain[offset:])
    return rx(r"[ \t]+").sub(" ", "".join(pieces)), nodes


def _node(span: Used) -> Node:
    if isinstance(span, Quantity):
        return Node("Q", span.value, (span,))
    if isinstance(span, Percentage):
        return Node("P", span.value, (span,))
    if isinstance(span, Instalment):
        return Node("I", span.value, (span,), instalments=None if span.number else span.count)
    if span.flaw is not None:
        return Node("F", span.value, (span,), flaw=span.flaw, readings=span.readings)
    return Node(LETTERS[span.role], span.value, (span,))


def _apply(line: str, nodes: list[Node], pattern: str, step: Step) -> tuple[str, list[Node]]:
    """Replaces every match for which the step has a result, from left to right."""
    offset = 0
    compiled, letters = rx(pattern), rx(LETTER)
    while (match := compiled.search(line, offset)) is not None:
        offset = match.start() + 1
        first = len(letters.findall(line, 0, match.start()))
        inside = nodes[first : first + len(letters.findall(match.group()))]
        made = step(match, inside)
        if made is not None:
            nodes = [*nodes[:first], made, *nodes[first + len(inside) :]]
            begin = letters.search(line, match.start())
            at = begin.start() if begin else match.start()
            line = line[:at] + made.letter + line[match.end() :]
    return line, nodes


def _reckoning(node: Node) -> Reckoning:
    value, flaw = node.value, node.flaw
    if node.letter == "U" and flaw is None:
        value, flaw = None, "ambiguous"
    if flaw is None and value is not None:
        value = value.quantize(CENT, ROUND_HALF_UP)
    return Reckoning(value, node.used, node.shown, node.rest, node.instalments, flaw, node.readings)
