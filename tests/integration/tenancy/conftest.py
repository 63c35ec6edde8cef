"""The admin's handlers in process, for a company and its staff."""

from tests.integration.resources.conftest import as_role, aws, clock

__all__ = ["as_role", "aws", "clock"]
