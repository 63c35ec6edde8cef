"""What the API shows of conversations."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from pydantic import Field

from falachefe.http.schemas import Id, Moment

_Cursor = Annotated[str | None, Field(description="For the next page; null on the last one", examples=[None])]


class ConversationOut(TypedDict):
    """`human_until` is set while a person answers in place of the crew."""

    id: Id
    channel_id: Id
    contact_id: Id
    phone: Annotated[str, Field(examples=["+5511987654321"])]
    name: Annotated[str | None, Field(examples=["Ana"])]
    user_id: Id | None
    current_agent_id: Id | None
    active_task_id: Id | None
    human_until: Moment | None
    last_message_at: Moment


class Conversations(TypedDict):
    items: list[ConversationOut]
    next_cursor: _Cursor


class MessageOut(TypedDict):
    id: Id
    direction: Annotated[str, Field(examples=["inbound"])]
    kind: Annotated[str, Field(examples=["text"])]
    text: Annotated[str, Field(examples=["gastei 150 de gasolina"])]
    status: Annotated[str, Field(examples=["received"])]
    error_code: Annotated[str | None, Field(examples=[None])]
    crew_task_id: Id | None
    created_at: Moment


class Messages(TypedDict):
    items: list[MessageOut]
    next_cursor: _Cursor


class UazNotification(TypedDict):
    """What is read of the provider's webhook; all else in it is let be. `event` or `message` come by its kind."""

    token: Annotated[str, Field(examples=["<instance-token>"])]
    EventType: Annotated[str, Field(examples=["messages"])]
    message: NotRequired[Annotated[dict[str, Any], Field(examples=[{"text": "gastei 150 de gasolina"}])]]
    event: NotRequired[dict[str, Any]]


class Received(TypedDict):
    status: Literal["ok"]
