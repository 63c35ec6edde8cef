"""The 202 response of endpoints that respond in the same way whether or not there is anything to do."""

from aws_lambda_powertools.event_handler import Response

from falachefe.http.schemas import Accepted


def accepted(message: str) -> Response[Accepted]:
    return Response(202, "application/json", Accepted(status="accepted", message=message))
