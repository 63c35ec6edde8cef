"""Setting up a channel: its row, its secret, and its item for the webhook."""

import json
import secrets
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, SecretStr, StringConstraints

from falachefe.aws.tables import Table
from falachefe.companies.service import company
from falachefe.db.engine import Database
from falachefe.kernel.brazil import canonical_phone
from falachefe.messaging.channels.directory import channel_item
from falachefe.messaging.channels.registration import register_channel

_CHANNELS: Final = UUID("0b6f6a52-6c0e-5f43-9a35-4f0f8a3f1d8c")

type ShortText = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class ChannelSetUp(BaseModel):
    """The number's data from the provider, and its company."""

    model_config = ConfigDict(extra="forbid")

    company_id: UUID
    name: ShortText
    phone: ShortText
    provider: Literal["uaz"] = "uaz"
    base_url: Annotated[str, StringConstraints(pattern=r"^https://[^\s/]+(/\S*)?$", max_length=200)]
    instance_token: SecretStr
    signing_secret: SecretStr | None = None


def set_up(
    request: ChannelSetUp, *, database: Database, manager: Any, channels: Table, stage: str, now: datetime
) -> dict[str, str]:
    """Returns the channel's id and its webhook path, which must be configured at the provider.

    Safe to repeat, to change a token or after a failure: the same company and phone give the same channel and keep the
    webhook key. Raises `NotFound` for an unknown company and `PlanLimitReached` beyond the plan's limit.
    """
    channel_id = uuid5(_CHANNELS, f"{request.company_id}/{canonical_phone(request.phone)}")
    secret_name = f"falachefe/{stage}/channel/{channel_id}"
    with database.tenant(request.company_id) as session:
        company(session, request.company_id)
        register_channel(
            session,
            request.company_id,
            channel_id=channel_id,
            name=request.name,
            provider=request.provider,
            phone=request.phone,
            base_url=request.base_url.rstrip("/"),
            secret_name=secret_name,
            now=now,
        )
    key = _write_secret(manager, secret_name, request)
    item = channel_item(
        key,
        company_id=request.company_id,
        channel_id=channel_id,
        provider=request.provider,
        token=request.instance_token.get_secret_value(),
        secret_name=secret_name,
        signed=request.signing_secret is not None,
    )
    channels.put(item)
    return {"channel_id": str(channel_id), "webhook_path": f"/v1/whatsapp/webhooks/{request.provider}/{key}"}


def _write_secret(manager: Any, name: str, request: ChannelSetUp) -> str:
    """Writes the secret; returns the webhook key, which stays the same once it exists."""
    content = {"instance_token": request.instance_token.get_secret_value()}
    if request.signing_secret is not None:
        content["signing_secret"] = request.signing_secret.get_secret_value()
    content["webhook_key"] = secrets.token_urlsafe(24)
    try:
        manager.create_secret(Name=name, SecretString=json.dumps(content))
    except manager.exceptions.ResourceExistsException:
        known = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
        content["webhook_key"] = known.get("webhook_key", content["webhook_key"])
        manager.put_secret_value(SecretId=name, SecretString=json.dumps(content))
    return content["webhook_key"]
