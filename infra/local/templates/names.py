"""Conversions of names: handler files, logical ids, environment variables."""

import re


def logical_of(name: str) -> str:
    """`process-inbound` or `process_inbound`: ProcessInbound."""
    return "".join(word.capitalize() for word in re.split(r"[-_]", name))


def variable_of(parameter: str) -> str:
    """The parameter DatabaseSecretArn reaches a function as DATABASE_SECRET_ARN."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", parameter).upper()


def queue_variable(queue: str) -> str:
    """`agent-hr.fifo`: HR_QUEUE_URL."""
    stem = queue.removesuffix(".fifo").removeprefix("agent-")
    return f"{stem.replace('-', '_').upper()}_QUEUE_URL"
