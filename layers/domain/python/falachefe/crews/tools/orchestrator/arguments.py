"""Arguments of the orchestrator's tools."""

from typing import Literal

from pydantic import Field

from falachefe.crews.tools.argument_types import Arguments, Moment, RowInWords, Text


class Remind(Arguments):
    text: Text = Field(description="what to remind of, in the person's words and without the time")
    at: Moment
    repeats: Literal["daily", "weekly", "monthly"] | None = None


class CancelReminder(Arguments):
    reminder: RowInWords
