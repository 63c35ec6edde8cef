"""Rules for all tests: no model is ever asked, and Hypothesis is the same everywhere."""

import os

from hypothesis import HealthCheck, settings

# `EXAMPLES=10000 make test ONLY=…` looks harder; `make phrases` does so for the readers of numbers, days and names.
EXAMPLES = int(os.environ.get("EXAMPLES", "100"))
settings.register_profile("ci", max_examples=EXAMPLES, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("dev", max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") else "dev")

for variable, value in {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "sa-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "POWERTOOLS_SERVICE_NAME": "test",
    "POWERTOOLS_METRICS_NAMESPACE": "Falachefe",
    "POWERTOOLS_TRACE_DISABLED": "1",
}.items():
    os.environ[variable] = value


def pytest_configure() -> None:
    from pydantic_ai import models

    models.ALLOW_MODEL_REQUESTS = False
