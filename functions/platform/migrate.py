"""Invoked after every deploy: makes the functions' role and brings the schema to this code's revision."""

from dataclasses import dataclass
from typing import Any

from falachefe.data.engine import DatabaseAddress, make_engine
from falachefe.data.migrate import migrate
from falachefe.kernel.config import Settings
from falachefe.observability import logger
from falachefe.runtime import secret


@dataclass(frozen=True)
class MigrationSettings(Settings):
    migration_database_secret_arn: str
    database_secret_arn: str


def handler(_event: dict[str, Any], _context: object) -> dict[str, str]:
    settings = MigrationSettings.from_env()
    application = DatabaseAddress.from_secret(secret(settings.database_secret_arn))
    engine = make_engine(DatabaseAddress.from_secret(secret(settings.migration_database_secret_arn)))
    try:
        revision = migrate(engine, application)
    finally:
        engine.dispose()
    logger().info("migrated", extra={"revision": revision})
    return {"revision": revision}
