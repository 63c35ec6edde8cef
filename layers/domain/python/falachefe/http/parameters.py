"""Parameters shared by routes of several domains."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header

IfMatch = Annotated[str | None, Header(alias="If-Match", description="The ETag of the version that was read")]
