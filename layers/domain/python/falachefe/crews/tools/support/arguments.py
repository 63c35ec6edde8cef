"""Arguments of the support agent's tools."""

from falachefe.crews.tools.argument_types import Arguments, Line, Text


class AnswerQuestion(Arguments):
    question: Line


class OpenTicket(Arguments):
    subject: Line
    description: Text


class TalkToHuman(Arguments):
    reason: Line | None = None
