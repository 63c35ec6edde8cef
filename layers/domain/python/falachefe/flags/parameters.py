"""Parameters of the feature flag routes."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from falachefe.companies.schemas import FLAG_NAME

NamedFlag = Annotated[str, Path(pattern=FLAG_NAME)]
