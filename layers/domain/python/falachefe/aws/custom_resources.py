"""Work that CloudFormation waits for in the middle of a deploy: a custom resource."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from falachefe.kernel import http_client
from falachefe.kernel.observability.logs import logger

_LIMITS: Final = http_client.TimeLimits(connect_s=5, answer_s=5)
_TRIES: Final = 3
_LONGEST_REASON: Final = 800


@dataclass(frozen=True, slots=True)
class Outcome:
    """`name` identifies the resource: a new one would tell CloudFormation to delete what had the old one."""

    name: str
    values: Mapping[str, str]


def answering(event: Mapping[str, Any], work: Callable[[], Outcome]) -> dict[str, str]:
    """Does the work and tells CloudFormation how it went; returns its values.

    An event without `ResponseURL` comes from a person: then what the work raises comes out. For CloudFormation a
    failure is an answer, since a function that raises is run again, and the stack waits for an hour meanwhile. Deleting
    the resource deletes nothing: what the work has made is data.
    """
    if "ResponseURL" not in event:
        return dict(work().values)
    name = str(event.get("PhysicalResourceId", event["LogicalResourceId"]))
    if event["RequestType"] == "Delete":
        _answer(event, {"Status": "SUCCESS", "PhysicalResourceId": name})
        return {}
    try:
        outcome = work()
    except Exception as error:  # noqa: BLE001  # whatever it was, the deploy ends now and says so
        logger().exception("a deploy's work failed")
        reason = f"{type(error).__name__}: {error}"[:_LONGEST_REASON]
        _answer(event, {"Status": "FAILED", "PhysicalResourceId": name, "Reason": reason})
        return {}
    values = dict(outcome.values)
    _answer(event, {"Status": "SUCCESS", "PhysicalResourceId": outcome.name, "Data": values})
    return values


def _answer(event: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    ids = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    body = json.dumps(ids | dict(answer)).encode()
    for left in reversed(range(_TRIES)):
        try:
            _put(str(event["ResponseURL"]), body)
        except http_client.RequestFailed:
            if not left:
                raise
            logger().warning("CloudFormation's URL did not take the answer")
        else:
            return


def _put(url: str, body: bytes) -> None:
    # The URL is signed for a request without a content type.
    answered = http_client.request("PUT", url, body, {"Content-Type": ""}, _LIMITS)
    if not 200 <= answered.status < 300:
        raise http_client.RequestFailed(f"status {answered.status}")
