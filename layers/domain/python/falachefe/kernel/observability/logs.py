"""JSON logs without personal data. Metrics are in `aws.emf`."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from falachefe.kernel.observability.tracing import TRACE_ID, trace_id

_PRIVATE = frozenset(
    {"text", "body", "message_body", "token", "access_token", "refresh_token", "code", "password", "phone", "number"}
    | {"email", "cpf", "cnpj", "authorization", "name", "sender_name", "secret", "api_key"}
)


class _PrivateFormatter(LambdaPowertoolsFormatter):
    """Drops private fields, and exception messages, which may quote statements, parameters and payloads."""

    def serialize(self, log: dict[str, Any]) -> str:  # type: ignore[override]
        trace = trace_id()
        shown = _without_private(log)
        return super().serialize(shown if trace is None else {**shown, TRACE_ID: trace})


def _without_private(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _frames_only(item) if key == "exception" else _without_private(item)
            for key, item in value.items()
            if key.lower() not in _PRIVATE and key != "stack_trace"
        }
    if isinstance(value, list | tuple):
        return [_without_private(item) for item in value]
    return value


def _frames_only(trace: Any) -> Any:
    """A traceback's frames without messages (they may quote user text)."""
    if not isinstance(trace, str):
        return None
    return "\n".join(line for line in trace.splitlines() if line.startswith(("  File ", "Traceback")))


@cache
def logger() -> Logger:
    return Logger(
        service=os.environ.get("POWERTOOLS_SERVICE_NAME", "falachefe"),
        logger_formatter=_PrivateFormatter(),
        log_uncaught_exceptions=False,
    )
