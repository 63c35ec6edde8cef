"""REST schema of an export request."""

from typing import Final, Literal

from pydantic import Field

from falachefe.resources.schemas import Input

LONGEST_QUERY: Final = 4_000


class ExportIn(Input):
    """`query`: the query string of the list, without paging: the file contains all rows."""

    format: Literal["csv", "json"] = Field(examples=["csv"])
    delimiter: Literal[",", ";", "\t"] = Field(default=",", description="Column separator of a CSV file")
    decimal: Literal[".", ","] = Field(
        default=".", description="Decimal separator of amounts in a CSV file; dates are not affected"
    )
    query: str = Field(default="", max_length=LONGEST_QUERY, examples=["kind=expense&date__gte=2026-11-01&sort=date"])
