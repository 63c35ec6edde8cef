"""Sign-in and refresh, from event to response, compared with a peer that does the same.

DynamoDB is moto in this process, whose work must not count: the time inside its client is subtracted, and its calls are
reported as round trips.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.db.address import DatabaseAddress
from falachefe.sessions.signing_keys import SigningKey
from tests.performance.peer_accounts import Peer
from tests.performance.report import Row, milliseconds, paired

PAIRS = 15
REFRESHES = 10


class DynamoTime:
    """The time that this process has spent inside the DynamoDB client."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0
        dynamodb = client("dynamodb")
        call = dynamodb._make_api_call

        def timed_call(*arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                return call(*arguments)
            finally:
                self.seconds += time.perf_counter() - started
                self.calls += 1

        dynamodb._make_api_call = timed_call

    def without(self, action: Callable[[], object]) -> float:
        outside, started = self.seconds, time.perf_counter()
        action()
        return time.perf_counter() - started - (self.seconds - outside)


def configure(database: DatabaseAddress, pepper: str, seed: str) -> None:
    """Creates the secrets and sets the environment variables that the handlers need."""
    secrets = {
        "database": {"username": database.username, "password": database.password},
        "pepper": {"pepper": pepper},
        "signing-key": {"seed": seed},
        "token-keys": {"keys": [SigningKey.from_seed(seed).public_jwk]},
    }
    for name, value in secrets.items():
        client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(value))
    endpoint = f"postgresql://{database.host}:{database.port}/{database.dbname}?ssl=false"
    settings = {
        "DATABASE_ENDPOINT": endpoint,
        "DATABASE_SECRET_ARN": "database",
        "PEPPER_SECRET_ARN": "pepper",
        "AUTH_TABLE": "auth",
    }
    settings |= {"SIGNING_KEY_SECRET_ARN": "signing-key", "TOKEN_KEYS_SECRET_ARN": "token-keys"}
    settings |= {"LIMITS_TABLE": "limits", "LOGINS_PER_ADDRESS": "1000000", "STAGE": "bench"}
    os.environ.update(settings | {"POWERTOOLS_SERVICE_NAME": "bench", "AWS_REGION": "sa-east-1"})


def event(path: str, document: Mapping[str, Any]) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "Host": "localhost"}
    return {
        "httpMethod": "POST",
        "path": path,
        "resource": path,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "body": json.dumps(document),
        "isBase64Encoded": False,
        "requestContext": {"requestId": "bench", "stage": "v1", "identity": {"sourceIp": "127.0.0.1"}},
    }


def answered(handle: Callable[[dict[str, Any], Any], Any], path: str, document: Mapping[str, Any]) -> Any:
    answer = handle(event(path, document), None)
    if answer["statusCode"] != 200:
        raise RuntimeError(f"a benchmark of refusals says nothing: {answer}")
    return json.loads(answer["body"])


def pairs(peer: Peer, email: str, password: str, trips: Callable[[Callable[[], object]], int]) -> list[Row]:
    """`trips` counts our round trips to Postgres."""
    from functions.auth import login, refresh

    dynamo = DynamoTime()
    proof = {"email": email, "password": password}
    held = {"ours": answered(login.handler, "/login", proof)["tokens"]["refresh_token"]}
    held["peer"] = answered(peer.handler, "/login", proof)["refresh_token"]

    def ours_in() -> None:
        answered(login.handler, "/login", proof)

    def peer_in() -> None:
        answered(peer.handler, "/login", proof)

    def ours_on() -> None:
        body = {"refresh_token": held["ours"]}
        held["ours"] = answered(refresh.handler, "/refresh", body)["tokens"]["refresh_token"]

    def peer_on() -> None:
        held["peer"] = answered(peer.handler, "/refresh", {"refresh_token": held["peer"]})["refresh_token"]

    rows = []
    for name, ours, theirs, times in (("sign-in", ours_in, peer_in, 1), ("refresh", ours_on, peer_on, REFRESHES)):
        calls = dynamo.calls
        of_ours, of_peer = trips(ours), peer.trips(theirs)
        calls = dynamo.calls - calls
        ratio = f"{(of_ours + calls) / of_peer:.2f}"
        rows.append(Row(f"{name}, event to answer: trips", f"{of_ours} + {calls}", str(of_peer), ratio, ""))

        def burst(action: Callable[[], object], times: int = times) -> float:
            return dynamo.without(lambda: [action() for _ in range(times)]) / times

        mine, other, share = paired(lambda: burst(ours), lambda: burst(theirs), pairs=PAIRS)  # noqa: B023  # run here
        rows.append(Row(f"{name}, event to answer", milliseconds(mine), milliseconds(other), f"{share:.2f}", ""))
    runtime.forget()
    return rows
