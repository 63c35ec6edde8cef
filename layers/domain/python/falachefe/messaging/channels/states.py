"""Whether a channel is switched on, carried from Postgres to where the webhook looks.

The state lies beside the channels' items, under the channel's id: what lies under a webhook's key is written by whoever
set the channel up, and that key is nowhere else. Events come at least once and in any order: the row is read when an
event is worked off, and an item never goes back to an earlier version of it.
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
        """Brings the item of the channel that an event is about up to date; says what it is now. Safe to repeat."""
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
