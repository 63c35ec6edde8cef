"""The database of the integration tests, for those who try to get around its rules."""

from tests.integration.conftest import company_id, database, pinning, postgres, proxy, superuser

__all__ = ["company_id", "database", "pinning", "postgres", "proxy", "superuser"]
