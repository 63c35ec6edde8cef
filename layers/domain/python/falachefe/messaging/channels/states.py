"""Copies a channel's state from Postgres to the DynamoDB table that the webhook reads.

The state is an item of its own under the channel's id, because the item under the webhook key can only be found with
that key. Events are delivered at least once and in any order, so the row is read when an event is processed, and an
item is never overwritten with an earlier version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from falachefe.aws.tables import ConditionFailed, Table
from falachefe.db.engine import Database
from falachefe.messaging.channels.directory import (
    OFF,
    ON,
    STATE,
    state_key,
)
from falachefe.messaging.models import Channel


@dataclass(frozen=True, slots=True)
class ChannelStates:
    database: Database
    table: Table

    def __call__(self, event: Mapping[str, Any]) -> str:
        """Updates the state item of the event's channel; returns the state. Safe to repeat."""
        company_id, channel_id = UUID(event["company_id"]), UUID(event["data"]["channel_id"])
        with self.database.tenant(company_id) as session:
            row = session.execute(
                select(Channel.status, Channel.version, Channel.deleted_at).where(
                    Channel.company_id == company_id, Channel.id == channel_id
                )
            ).one_or_none()
        if row is None:
            return "unknown"
        state = OFF if row.status == "disabled" or row.deleted_at is not None else ON
        item = {"pk": state_key(str(channel_id)), "sk": STATE, "status": state, "version": row.version}
        newer = "attribute_not_exists(pk) or version < :version"
        try:
            self.table.put(item, condition=newer, values={":version": row.version})
        except ConditionFailed:
            return "known"
        return state
