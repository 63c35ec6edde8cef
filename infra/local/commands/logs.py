"""`make logs`: the functions' logs, newest last."""

import time
from typing import TYPE_CHECKING, Any

from infra.local.console import Refused

if TYPE_CHECKING:
    from infra.local.stack.instance import Instance

_POLL_S = 1.0
_BACK_MS = 15 * 60 * 1000


def show(instance: "Instance", *, name: str, follow: bool) -> None:
    """Prints the last 15 minutes of every function whose name contains `name`; with `follow`, also what comes."""
    if not instance.emulator.running():
        raise Refused("the stack is not up; run `make up`")
    client = instance.emulator.client("logs")
    since = int(time.time() * 1000) - _BACK_MS
    while True:
        events = _events(client, name, since)
        for event in events:
            print(f"{event['function']}: {event['message'].rstrip()}", flush=True)
        if not follow:
            return
        since = max([since, *(event["timestamp"] + 1 for event in events)])
        time.sleep(_POLL_S)


def _events(client: Any, name: str, since: int) -> list[dict[str, Any]]:
    found = []
    for page in client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/aws/lambda/"):
        for group in page["logGroups"]:
            function = group["logGroupName"].removeprefix("/aws/lambda/falachefe-local-")
            if name not in function:
                continue
            answer = client.filter_log_events(logGroupName=group["logGroupName"], startTime=since)
            found += [event | {"function": function} for event in answer["events"]]
    return sorted(found, key=lambda event: int(event["timestamp"]))
