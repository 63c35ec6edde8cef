"""REST schema of an export request."""

from typing import Final, Literal

from pydantic import Field

from falachefe.resources.schemas import Input

LONGEST_QUERY: Final = 4_000


class ExportIn(Input):
    """`query` is that of the list, without its pages: the file holds them all."""

    format: Literal["csv", "json"] = Field(examples=["csv"])
    delimiter: Literal[",", ";", "\t"] = Field(default=",", description="Of a CSV file's columns")
    decimal: Literal[".", ","] = Field(default=".", description="In a CSV file's amounts; dates keep their form")
    query: str = Field(default="", max_length=LONGEST_QUERY, examples=["kind=expense&date__gte=2026-11-01&sort=date"])
