"""CloudFormation custom resources: work that a deployment waits for."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from falachefe.kernel import http_client
from falachefe.kernel.observability.logs import logger

_LIMITS: Final = http_client.TimeLimits(connect_s=5, answer_s=5)
_TRIES: Final = 3
_MAX_REASON_LENGTH: Final = 800


@dataclass(frozen=True, slots=True)
class Outcome:
    """`name` is the physical resource id: when it changes, CloudFormation deletes the resource with the old one."""

    name: str
    values: Mapping[str, str]


def respond_to(event: Mapping[str, Any], work: Callable[[], Outcome]) -> dict[str, str]:
    """Runs `work`, reports the outcome to CloudFormation and returns its values.

    An event without `ResponseURL` is a manual invocation: exceptions of the work are raised. For CloudFormation they
    are reported as a failure instead, because a function that raises is retried while the stack waits up to an hour.
    Deleting the resource deletes nothing, because what the work created is data.
    """
    if "ResponseURL" not in event:
        return dict(work().values)
    name = str(event.get("PhysicalResourceId", event["LogicalResourceId"]))
    if event["RequestType"] == "Delete":
        _answer(event, {"Status": "SUCCESS", "PhysicalResourceId": name})
        return {}
    try:
        outcome = work()
    except Exception as error:  # noqa: BLE001  # any failure is reported, so that the deployment ends now
        logger().exception("a deploy's work failed")
        reason = f"{type(error).__name__}: {error}"[:_MAX_REASON_LENGTH]
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
