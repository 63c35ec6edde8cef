from tests.integration.auth.conftest import aws, clock

__all__ = ["aws", "clock"]
