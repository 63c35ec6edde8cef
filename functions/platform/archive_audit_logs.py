"""Every night: moves audit rows that are a year old from the database to the archive bucket."""

from dataclasses import asdict, dataclass
from typing import Any

from falachefe.app import runtime
from falachefe.audit.archive import Archive, archive_all
from falachefe.aws.clients import client
from falachefe.aws.emf import emit
from falachefe.kernel.config import Settings
from falachefe.kernel.observability.logs import logger

SPARE_MS = 30_000
"""The time that one more batch may take, including S3's retries."""


@dataclass(frozen=True)
class ArchiveSettings(Settings):
    archive_bucket: str


class ArchiveIncomplete(RuntimeError):
    """Rows of a company stayed in the database: the invocation fails, so that it is retried and an alarm is raised."""


def handler(_event: dict[str, Any], context: Any) -> dict[str, Any]:
    now = runtime.clock().now()
    done = archive_all(
        runtime.database(),
        Archive(lambda: client("s3"), ArchiveSettings.from_env().archive_bucket),
        now,
        has_time=lambda: context.get_remaining_time_in_millis() > SPARE_MS,
        request_id=context.aws_request_id,
    )
    emit("audit_logs_archived_total", now, done.rows)
    logger().info("archived", **asdict(done))
    if done.failures:
        raise ArchiveIncomplete(f"the rows of {done.failures} companies stayed")
    return asdict(done)
