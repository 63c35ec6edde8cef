"""The database fixtures of the integration tests."""

from tests.integration.conftest import company_id, database, pinning, postgres, proxy, superuser

__all__ = ["company_id", "database", "pinning", "postgres", "proxy", "superuser"]
