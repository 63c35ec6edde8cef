"""Types of response fields outside the resource toolkit, and responses that several routes share.

Responses are `TypedDict`s: mypy checks them, OpenAPI is generated from them, and they cost nothing at run time.
"""

from typing import Annotated, Final, Literal, TypedDict

from pydantic import Field

ID_EXAMPLE: Final = "019aaa4e-7c00-7000-8000-000000000001"
MOMENT_EXAMPLE: Final = "2026-11-22T12:00:00+00:00"

Id = Annotated[str, Field(json_schema_extra={"format": "uuid"}, examples=[ID_EXAMPLE])]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=[MOMENT_EXAMPLE])]
Day = Annotated[str, Field(json_schema_extra={"format": "date"}, examples=["2026-11-22"])]
Money = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{2}$", examples=["150.00"])]
"""BRL as a decimal string."""


class Accepted(TypedDict):
    """The message is sent later, if at all; the response is the same either way."""

    status: Literal["accepted"]
    message: Annotated[str, Field(examples=["Se houver uma conta com este e-mail, enviamos um link."])]
