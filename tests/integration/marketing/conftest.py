from tests.integration.messaging.conftest import signed_in, tables, whatsapp

__all__ = ["signed_in", "tables", "whatsapp"]
