"""Time budgets nest: when a dependency hangs, the function still has the time to respond with an error.

The calls of a function are read from its role, its timeout from its template, and the time of a call from the
clients' settings.
"""

import pytest

from falachefe.aws.clients import ATTEMPTS, CONNECT_TIMEOUT_S, READ_TIMEOUT_S, max_call_s
from falachefe.db.engine import LIMITS
from tests.security.template_resources import Resource, resources, sibling, statements, target

TO_ANSWER_S = 1.5
"""For the response itself, and for the work before the call."""
CLIENTS = {"dynamodb": "dynamodb", "events": "events", "sqs": "sqs", "secretsmanager": "secretsmanager", "ses": "sesv2"}
FUNCTIONS = resources("AWS::Lambda::Function")
PROBES_IN_THREADS = {"HealthReady"}
"""Its probes run in threads, and it waits at most `WAIT_S` for all of them; its own test checks that."""
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=str)


def actions(function: Resource) -> set[str]:
    role = sibling(function, target(function.properties["Role"]))
    return {
        action
        for statement in statements(role)
        for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
    }


def clients(function: Resource) -> set[str]:
    """The services that the function calls with our clients. Reading an object is only signing a link to it."""
    called = {CLIENTS[service] for service in {one.partition(":")[0] for one in actions(function)} & CLIENTS.keys()}
    return called | ({"s3"} if "s3:PutObject" in actions(function) else set())


def uses_postgres(function: Resource) -> bool:
    variables = function.properties["Environment"]["Variables"]
    return "DATABASE_SECRET_ARN" in variables and "OWNER_SECRET_ARN" not in variables


@each_function
def test_a_call_that_hangs_ends_before_its_function(function: Resource) -> None:
    left = function.properties["Timeout"] - TO_ANSWER_S
    if function.name in PROBES_IN_THREADS:
        return

    slow = {service: max_call_s(service) for service in clients(function) if max_call_s(service) > left}
    assert slow == {}, f"{function} has {left} s"


@each_function
def test_a_query_that_hangs_ends_before_its_function(function: Resource) -> None:
    """A function waits for a silent Postgres only once, at whatever step (tests/integration/db/test_proxy.py)."""
    if uses_postgres(function) and function.name not in PROBES_IN_THREADS:
        left = function.properties["Timeout"] - TO_ANSWER_S
        assert max(LIMITS.answer_s, LIMITS.connect_s, LIMITS.pool_s) <= left, f"{function} has {left} s"


@each_function
def test_a_rate_limit_count_and_a_session_read_that_hang_end_before_their_function(function: Resource) -> None:
    """A limit that cannot be counted lets reads pass, so the next call to DynamoDB may hang as well."""
    tries = ATTEMPTS * (CONNECT_TIMEOUT_S + READ_TIMEOUT_S)
    silent = max_call_s("dynamodb") - tries + ATTEMPTS * max(CONNECT_TIMEOUT_S, READ_TIMEOUT_S)

    if {"dynamodb:GetItem", "dynamodb:UpdateItem"} <= actions(function) and function.name not in PROBES_IN_THREADS:
        assert 2 * silent <= function.properties["Timeout"] - TO_ANSWER_S


def test_every_service_in_the_roles_has_a_time_budget() -> None:
    named = {action.partition(":")[0] for function in FUNCTIONS for action in actions(function)}

    assert named <= {*CLIENTS, "s3", "logs", "bedrock", "kms", "xray", "scheduler"}


def test_the_server_times_out_before_its_client() -> None:
    """Otherwise the client never receives the error, and its statement may go on running."""
    assert LIMITS.lock_s < LIMITS.statement_s < LIMITS.answer_s
