"""A company and its people, as the tests of users and roles have them."""

from tests.integration.admin.conftest import office
from tests.integration.auth.conftest import aws, clock

__all__ = ["aws", "clock", "office"]
