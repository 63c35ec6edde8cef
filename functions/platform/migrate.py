"""Creates the functions' database role and upgrades the schema to this code's revision.

CloudFormation invokes it during a deploy (functions/platform/migrations.yaml) and waits for the response that it puts
to a URL. An operator invokes it with `{}` after changing the password of the functions' login.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.exc import DBAPIError

from falachefe.app.runtime import secret
from falachefe.aws.custom_resources import Outcome, respond_to
from falachefe.db.address import DatabaseAddress
from falachefe.db.migrate import MigrationFailed, migrate, owner_engine
from falachefe.kernel.config import Settings
from falachefe.kernel.observability.logs import logger

_TO_ANSWER_S = 20  # reserved for the response to CloudFormation


@dataclass(frozen=True)
class MigrationSettings(Settings):
    database_endpoint: str
    owner_secret_arn: str
    database_secret_arn: str


class Context(Protocol):
    def get_remaining_time_in_millis(self) -> int: ...


def handler(event: dict[str, Any], context: Context) -> dict[str, str]:
    return respond_to(event, lambda: Outcome("schema", {"Revision": _migrated(context)}))


def _migrated(context: Context) -> str:
    settings = MigrationSettings.from_env()
    owner = DatabaseAddress.of(settings.database_endpoint, secret(settings.owner_secret_arn, fresh=True))
    application = DatabaseAddress.of(settings.database_endpoint, secret(settings.database_secret_arn, fresh=True))
    engine = owner_engine(owner, within_s=context.get_remaining_time_in_millis() / 1000 - _TO_ANSWER_S)
    try:
        revision = migrate(engine, application)
    except DBAPIError as error:
        raise MigrationFailed.of(error) from error
    finally:
        engine.dispose()
    logger().info("migrated", extra={"revision": revision})
    return revision
