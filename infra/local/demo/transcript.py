"""The demo's transcript on a terminal: a box for each scene, the conversation, and what was checked."""

import os
import re
import sys
import textwrap
from collections.abc import Mapping
from typing import Any, TextIO

from infra.local.demo.client import Reply
from infra.local.front_door.conversation import ToolRun

_COLOURS = {"user": "36", "financial": "32", "marketing": "33", "hr": "35", "support": "34", "orchestrator": "37"}
_ROLES = {
    "financial": "Financeiro",
    "marketing": "Marketing",
    "hr": "RH",
    "support": "Suporte",
    "orchestrator": "Recepção",
}
_ORDER = (
    "name",
    "employee",
    "amount",
    "description",
    "category",
    "position",
    "salary",
    "start",
    "end",
    "date",
    "month",
)
_MARGIN = 4
# WhatsApp's bold, whose asterisks a terminal would show.
_BOLD = re.compile(r"(?<!\w)\*(\S(?:[^*\n]*\S)?)\*(?!\w)")


def role_name(role: str) -> str:
    return _ROLES.get(role, role)


class Transcript:
    """Writes each step as it happens; with colours only on a terminal."""

    def __init__(self, out: TextIO = sys.stdout, width: int | None = None) -> None:
        self._out = out
        self._coloured = out.isatty() and "NO_COLOR" not in os.environ
        self._width = width or max(60, min(_columns(out), 92))
        self._answered = False

    def title(self, company: str) -> None:
        self._line()
        self._line(self._paint(f"  Falachefe · conversa de demonstração com {company}", "1"))
        self._line(
            self._paint("  As mensagens entram pelo webhook e atravessam a pilha de verdade, fila por fila.", "2")
        )

    def scene(self, number: int, name: str, story: str) -> None:
        heading = f" {number} · {name} "
        self._line()
        self._line(f"╭─{self._paint(heading, '1')}{'─' * (self._width - len(heading) - 3)}╮")
        for line in textwrap.wrap(story, self._width - 4):
            self._line(f"│ {line.ljust(self._width - 4)} │")
        self._line(f"╰{'─' * (self._width - 2)}╯")
        self._answered = False

    def says(self, name: str, words: str, note: str = "") -> None:
        """Writes a message of a person."""
        if self._answered:
            self._line()
        self._answered = False
        self._spoken(f"{name} ▸", words, "user", f"  ({note})" if note else "")

    def hears(self, reply: Reply, seconds: float | None = None) -> None:
        """Writes a reply: its agent, the tools that ran before, and its text."""
        turn = reply.turn
        self._answered = True
        if turn is not None:
            for handoff in turn.handoffs:
                reason = f": {handoff.reason}" if handoff.reason else ""
                self._detail(f"⇢ {role_name(handoff.source)} passou para {role_name(handoff.target)}{reason}")
            for tool in turn.tools:
                self._detail(f"⚙ {described(tool)}")
        role = turn.role if turn is not None else ""
        speaker = role_name(role) if role else "Falachefe"
        took = f"  {seconds:.1f} s".replace(".", ",") if seconds is not None else ""
        self._spoken(f"{speaker} ◂", _BOLD.sub(r"\1", reply.text), role, took)

    def passed(self, words: str) -> None:
        self._detail(f"✓ {words}", "32")

    def failed(self, words: str) -> None:
        self._detail(f"✗ {words}", "1;31")

    def note(self, words: str) -> None:
        self._detail(words, "2")

    def end(self, checks: int, failures: list[str], seconds: float) -> None:
        self._line()
        self._line("─" * self._width)
        took = f"{seconds:.0f} s"
        if not failures:
            self._line(self._paint(f"  Tudo certo: {checks} verificações em {took}.", "1;32"))
            return
        self._line(self._paint(f"  {len(failures)} de {checks} verificações falharam ({took}):", "1;31"))
        for failure in failures:
            self._line(self._paint(f"  ✗ {failure}", "31"))

    def _spoken(self, speaker: str, words: str, role: str, trailer: str) -> None:
        indent = " " * (_MARGIN + 14)
        first, *others = self._wrapped(words, len(indent))
        label = self._paint(speaker.rjust(12), f"1;{_COLOURS.get(role, '37')}")
        self._line(f"{' ' * _MARGIN}{label}  {first}{self._paint(trailer, '2') if not others else ''}")
        for index, line in enumerate(others, start=1):
            self._line(f"{indent}{line}{self._paint(trailer, '2') if index == len(others) else ''}".rstrip())

    def _detail(self, words: str, colour: str = "2") -> None:
        indent = " " * (_MARGIN + 14)
        for index, line in enumerate(self._wrapped(words, len(indent) + 2)):
            self._line(f"{indent}{self._paint(line if index == 0 else f'  {line}', colour)}")

    def _wrapped(self, words: str, indent: int) -> list[str]:
        width = self._width - indent
        lines = [piece for line in words.splitlines() for piece in textwrap.wrap(line, width) or [""]]
        return lines or [""]

    def _paint(self, words: str, colour: str) -> str:
        return f"\x1b[{colour}m{words}\x1b[0m" if self._coloured and words else words

    def _line(self, words: str = "") -> None:
        print(words, file=self._out, flush=True)


def described(tool: ToolRun) -> str:
    """A tool with its arguments on one line."""
    return f"{tool.tool}({_arguments(tool.args)}){'' if tool.ok else '  sem efeito'}"


def _arguments(args: Mapping[str, Any]) -> str:
    # The database keeps no order; this is a natural one for readers.
    ranked = sorted(args, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    return ", ".join(f"{name}={args[name]}" for name in ranked if args[name] is not None)


def _columns(out: TextIO) -> int:
    try:
        return os.get_terminal_size(out.fileno()).columns
    except (OSError, ValueError):
        return 88
