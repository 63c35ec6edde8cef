"""Errors are classified as outages or as faults of the message."""

import json

import pg8000
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from falachefe.aws.failures import is_outage
from falachefe.kernel.config import MissingSetting
from falachefe.kernel.errors import Conflict, InvalidInput, LimitExceeded, NotFound, Unavailable


def of_aws(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "Any")


def of_postgres(state: str) -> pg8000.DatabaseError:
    return pg8000.DatabaseError({"S": "ERROR", "C": state, "M": "no"})


OUTAGES = [
    Unavailable("x"),
    LimitExceeded("x"),
    EndpointConnectionError(endpoint_url="https://x"),
    NoCredentialsError(),
    *map(of_aws, ("ThrottlingException", "AccessDeniedException", "ResourceNotFoundException", "InternalError")),
    of_aws("AWS.SimpleQueueService.NonExistentQueue"),
    *map(of_postgres, ("57P01", "53300", "40001", "40P01", "55P03", "42703", "28P01", "25006")),
    pg8000.InterfaceError("connection is closed"),
    OperationalError("select", {}, of_postgres("57P03")),
    ProgrammingError("select", {}, of_postgres("42P01")),
    PoolTimeout("no connection"),
    ConnectionResetError(),
    TimeoutError(),
    MemoryError(),
    ModuleNotFoundError("x"),
    MissingSetting("x"),
]
OWN = [
    ValueError("x"),
    KeyError("x"),
    TypeError("x"),
    AttributeError("x"),
    RecursionError(),
    InvalidInput("x"),
    NotFound("x"),
    Conflict("x"),
    of_aws("ValidationException"),
    of_aws("MessageRejected"),
    of_aws("AWS.SimpleQueueService.BatchRequestTooLong"),  # as botocore reads SQS's answer
    of_postgres("22P05"),
    IntegrityError("insert", {}, of_postgres("23503")),
    json.JSONDecodeError("x", "", 0),
]


@pytest.mark.parametrize("error", OUTAGES, ids=repr)
def test_errors_that_would_affect_any_message_are_outages(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize("error", OWN, ids=repr)
def test_errors_about_the_message_are_not_outages(error: Exception) -> None:
    assert not is_outage(error)


@pytest.mark.parametrize("error", OUTAGES, ids=repr)
def test_an_error_caused_by_an_outage_is_an_outage(error: Exception) -> None:
    assert is_outage(_caused(RuntimeError("wrapped"), error))


@pytest.mark.parametrize("error", OWN, ids=repr)
def test_an_outage_with_a_cause_stays_an_outage(error: Exception) -> None:
    assert is_outage(_caused(Unavailable("x"), error))


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=5, max_size=5))
def test_only_data_and_constraint_errors_are_the_statements_fault(state: str) -> None:
    assert is_outage(of_postgres(state)) == (state[:2] not in ("22", "23"))


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error
