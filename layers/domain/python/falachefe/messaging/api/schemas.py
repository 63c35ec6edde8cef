"""REST schemas of conversations, messages, contacts and channels."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from falachefe.resources.schemas import ON_ONE_LINE, Document, Input

_Name = Annotated[str, ON_ONE_LINE, Field(min_length=1, max_length=80, examples=["Luciana Prado"])]
_Phone = Annotated[str, Field(examples=["+5511987654321"])]
type Approval = Literal["not_required", "pending", "approved", "rejected", "expired"]


class ConversationOut(Document):
    """`human_until`: set while a person answers in place of the crew. `user_id`: the user whose phone it is, if any."""

    channel_id: UUID
    contact_id: UUID
    phone: _Phone
    name: str | None = Field(examples=["Ana"])
    user_id: UUID | None
    crew_id: UUID
    current_agent_id: UUID | None
    active_task_id: UUID | None
    human_until: AwareDatetime | None
    human_approval_status: Approval
    last_message_at: AwareDatetime | None


class ConversationChange(Input):
    """`human_until`: a person talks until then, null gives the conversation back to the crew."""

    human_until: AwareDatetime | None
    human_approval_status: Literal["approved", "rejected"]
    crew_id: UUID


class MessageOut(Document):
    conversation_id: UUID
    direction: Literal["in", "out"]
    kind: Literal["text", "button", "list", "audio", "image", "document", "video", "other"]
    text: str = Field(examples=["gastei 150 de gasolina"])
    status: Literal["received", "held", "queued", "sending", "sent", "delivered", "read", "failed", "uncertain"]
    error_code: str | None
    crew_task_id: UUID | None


class ContactChange(Input):
    name: _Name | None


class ContactOut(Document):
    phone: _Phone
    name: str | None
    user_id: UUID | None
    verified_at: AwareDatetime | None
    opted_out_at: AwareDatetime | None
    last_message_at: AwareDatetime | None


class ChannelChange(Input):
    """`connected` takes a disabled channel into use again, as far as the plan allows."""

    name: _Name
    status: Literal["connected", "disabled"]


class ChannelOut(Document):
    """A WhatsApp number of the company; its credentials are never shown."""

    name: str
    provider: Literal["uaz", "cloud", "api"]
    phone: _Phone
    status: Literal["connected", "connecting", "disconnected", "disabled"]
    history_window_s: int = Field(
        description="Messages that arrive more than this many seconds after they were sent are not processed"
    )
