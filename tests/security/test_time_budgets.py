"""Time budgets nest: whatever a function stands on may hang, and the function still has the time to say so.

What a function calls is read from its role, how long it lives from its template, how long a call takes from the
settings of the clients: one place each.
"""

import pytest

from falachefe.aws.clients import ATTEMPTS, CONNECT_TIMEOUT_S, READ_TIMEOUT_S, max_call_s
from falachefe.db.engine import LIMITS
from tests.security.template_resources import Resource, resources, sibling, statements, target

TO_ANSWER_S = 1.5
"""For the answer itself, and what was done before the call."""
CLIENTS = {"dynamodb": "dynamodb", "events": "events", "sqs": "sqs", "secretsmanager": "secretsmanager", "ses": "sesv2"}
FUNCTIONS = resources("AWS::Lambda::Function")
LEAVES_BEHIND = {"HealthReady"}
"""Its probes run in threads, which it waits for no longer than `WAIT_S` in all; see its own test."""
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=str)


def actions(function: Resource) -> set[str]:
    role = sibling(function, target(function.properties["Role"]))
    return {
        action
        for statement in statements(role)
        for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
    }


def clients(function: Resource) -> set[str]:
    """The services that the function calls with our clients. To read an object only is to sign a link to it."""
    called = {CLIENTS[service] for service in {one.partition(":")[0] for one in actions(function)} & CLIENTS.keys()}
    return called | ({"s3"} if "s3:PutObject" in actions(function) else set())


def uses_postgres(function: Resource) -> bool:
    variables = function.properties["Environment"]["Variables"]
    return "DATABASE_SECRET_ARN" in variables and "OWNER_SECRET_ARN" not in variables


@each_function
def test_a_call_that_hangs_ends_before_its_function(function: Resource) -> None:
    left = function.properties["Timeout"] - TO_ANSWER_S
    if function.name in LEAVES_BEHIND:
        return

    slow = {service: max_call_s(service) for service in clients(function) if max_call_s(service) > left}
    assert slow == {}, f"{function} has {left} s"


@each_function
def test_postgres_that_hangs_is_given_up_before_the_function_is(function: Resource) -> None:
    """Silence is waited for once (tests/integration/db/test_proxy.py), at whatever step it begins."""
    if uses_postgres(function) and function.name not in LEAVES_BEHIND:
        left = function.properties["Timeout"] - TO_ANSWER_S
        assert max(LIMITS.answer_s, LIMITS.connect_s, LIMITS.pool_s) <= left, f"{function} has {left} s"


@each_function
def test_a_counter_and_a_session_that_hang_end_before_their_function(function: Resource) -> None:
    """A limit that cannot be counted lets reads pass, so the next call to DynamoDB may hang as well."""
    tries = ATTEMPTS * (CONNECT_TIMEOUT_S + READ_TIMEOUT_S)
    silent = max_call_s("dynamodb") - tries + ATTEMPTS * max(CONNECT_TIMEOUT_S, READ_TIMEOUT_S)

    if {"dynamodb:GetItem", "dynamodb:UpdateItem"} <= actions(function) and function.name not in LEAVES_BEHIND:
        assert 2 * silent <= function.properties["Timeout"] - TO_ANSWER_S


def test_every_service_that_roles_name_is_known_here() -> None:
    named = {action.partition(":")[0] for function in FUNCTIONS for action in actions(function)}

    assert named <= {*CLIENTS, "s3", "logs", "bedrock", "kms", "xray", "scheduler"}


def test_the_server_gives_up_before_its_client() -> None:
    """Otherwise a client never hears why, and what it asked for may go on without it."""
    assert LIMITS.lock_s < LIMITS.statement_s < LIMITS.answer_s
