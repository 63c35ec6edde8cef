"""The composition root of a function: its dependencies, created on first use and kept while the runtime lives."""

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from falachefe.app.snapshots import register
from falachefe.aws.clients import client, close_clients, quick_client
from falachefe.aws.tables import Table
from falachefe.kernel.clock import Clock, SystemClock
from falachefe.kernel.config import Settings, required
from falachefe.kernel.errors import Unavailable

if TYPE_CHECKING:
    from falachefe.access.permission_cache import PermissionCache
    from falachefe.api_keys.authenticator import ApiKeys
    from falachefe.aws.breaker import Breaker
    from falachefe.aws.files import Files
    from falachefe.aws.queues import AwsPublisher
    from falachefe.aws.rate_limit import SlidingLimit
    from falachefe.db.engine import Database
    from falachefe.flags.reader import Flags
    from falachefe.http.rate_limits.addresses import AddressGuard
    from falachefe.sessions.store import Sessions
    from falachefe.sessions.superadmin_access import SuperadminAccess
    from falachefe.sessions.token_keys import PublishedKeys

SECRET_MAX_AGE_S = 300


@dataclass(frozen=True)
class DatabaseSettings(Settings):
    database_secret_arn: str
    database_endpoint: str


@dataclass(frozen=True)
class BusSettings(Settings):
    event_bus_name: str = "default"


@dataclass(frozen=True)
class PepperSettings(Settings):
    pepper_secret_arn: str


@dataclass(frozen=True)
class TokenKeySettings(Settings):
    token_keys_secret_arn: str


@dataclass(frozen=True)
class StageSettings(Settings):
    stage: str


@cache
def clock() -> Clock:
    return SystemClock()


@cache
def database() -> "Database":
    """Postgres as the application role; the login is read from its secret for each new connection."""
    from falachefe.db.address import DatabaseAddress
    from falachefe.db.engine import Database, make_engine

    settings = DatabaseSettings.from_env()

    def address(fresh: bool) -> DatabaseAddress:
        login = secret(settings.database_secret_arn, fresh=fresh)
        return DatabaseAddress.of(settings.database_endpoint, login)

    return Database(lambda: make_engine(address))


@cache
def publisher() -> "AwsPublisher":
    from falachefe.aws.queues import AwsPublisher

    return AwsPublisher(
        sqs=lambda: client("sqs"),
        events=lambda: client("events"),
        queue_url=queue_url,
        bus_name=BusSettings.from_env().event_bus_name,
    )


@cache
def table(variable: str) -> Table:
    """The DynamoDB table that an environment variable names, e.g. `LIMITS_TABLE`."""
    return Table(client("dynamodb"), required(variable))


@cache
def quick_table(variable: str) -> Table:
    """For optional calls: they time out within two seconds, and the circuit breaker then skips further ones."""
    from falachefe.aws.breaker import BreakerTable

    return BreakerTable(quick_client("dynamodb"), required(variable), _dynamodb_breaker())


@cache
def _dynamodb_breaker() -> "Breaker":
    from falachefe.aws.breaker import Breaker

    return Breaker(clock())


@cache
def files() -> "Files":
    from falachefe.aws.files import Files

    return Files(lambda: client("s3"), required("FILES_BUCKET"))


@cache
def sessions() -> "Sessions":
    """The sessions in `AUTH_TABLE`, with a cache of this runtime."""
    from falachefe.sessions.store import Sessions

    return Sessions(table("AUTH_TABLE"), pepper)


@cache
def published_keys() -> "PublishedKeys":
    """The public keys that access tokens are verified with."""
    from falachefe.sessions.token_keys import PublishedKeys

    return PublishedKeys(lambda fresh: secret(TokenKeySettings.from_env().token_keys_secret_arn, fresh=fresh))


def pepper() -> str:
    """The secret key of the MACs of codes, refresh tokens, mailed tokens and counters."""
    value = secret(PepperSettings.from_env().pepper_secret_arn).get("pepper")
    if not value:  # an empty secret is an outage, not a wrong code or token
        raise Unavailable("Os códigos não podem ser conferidos agora.", code="no_pepper")
    return str(value)


@cache
def permission_cache() -> "PermissionCache":
    """Permissions from Postgres, with a cache of this runtime."""
    from falachefe.access.permission_cache import PermissionCache

    return PermissionCache(database())


@cache
def api_keys() -> "ApiKeys":
    """Authenticates API keys of this stage."""
    from falachefe.api_keys.authenticator import ApiKeys

    return ApiKeys(database(), StageSettings.from_env().stage)


@cache
def superadmin_access() -> "SuperadminAccess":
    """Records superadmins' access to other companies."""
    from falachefe.sessions.superadmin_access import SuperadminAccess

    return SuperadminAccess(database())


@cache
def flags() -> "Flags":
    """Feature flags, with a cache of this runtime."""
    from falachefe.flags.reader import Flags

    return Flags(database())


@cache
def limits() -> "SlidingLimit":
    """How often anybody may do anything, counted in `LIMITS_TABLE`."""
    from falachefe.aws.rate_limit import SlidingLimit

    return SlidingLimit(table("LIMITS_TABLE"))


@cache
def address_guard() -> "AddressGuard":
    """Refuses addresses with too many failed credentials; shared by all routes of a runtime."""
    from falachefe.aws.emf import emit
    from falachefe.http.rate_limits.addresses import AddressGuard

    return AddressGuard(limits, emit)


def queue_url(destination: str) -> str:
    """`outbound` → `OUTBOUND_QUEUE_URL`; `agent-hr` → `HR_QUEUE_URL`; `staff-notes` → `STAFF_NOTES_QUEUE_URL`."""
    return required(f"{destination.removeprefix('agent-').replace('-', '_').upper()}_QUEUE_URL")


def secret(name: str, *, fresh: bool = False) -> dict[str, Any]:
    """A secret's JSON object, cached for five minutes so that a rotation takes effect without a deployment; `fresh`
    bypasses the cache. Raises `Unavailable` for a malformed one: an outage, which does not count against messages."""
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

    value = _secrets_provider(SecretsProvider).get(name, max_age=SECRET_MAX_AGE_S, force_fetch=fresh)
    try:
        parsed = json.loads(value)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise Unavailable("Falta uma configuração do nosso lado. Tente de novo em instantes.", code="secret_malformed")
    return parsed


@cache
def _secrets_provider(provider: Any) -> Any:
    return provider(boto3_client=client("secretsmanager"))


def forget() -> None:
    """Drops all created dependencies, for tests and for a fork that must not share connections."""
    for made in (
        clock,
        database,
        publisher,
        table,
        quick_table,
        _dynamodb_breaker,
        files,
        sessions,
        published_keys,
        permission_cache,
        api_keys,
        superadmin_access,
        flags,
        limits,
        address_guard,
        _secrets_provider,
        client,
        quick_client,
    ):
        made.cache_clear()


def _release(*, close: bool) -> None:
    """As `forget`, after closing connections; `close` also notifies the servers."""
    if database.cache_info().currsize:
        database().dispose(close=close)
    close_clients()
    forget()


register(_release)  # any function with this module may be restored from a snapshot
