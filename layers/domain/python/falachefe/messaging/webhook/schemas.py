"""Request and response of the provider's webhook."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from pydantic import Field


class UazNotification(TypedDict):
    """The fields that are read; others are ignored. `EventType` decides whether `event` or `message` is present."""

    token: Annotated[str, Field(examples=["<instance-token>"])]
    EventType: Annotated[str, Field(examples=["messages"])]
    message: NotRequired[Annotated[dict[str, Any], Field(examples=[{"text": "gastei 150 de gasolina"}])]]
    event: NotRequired[dict[str, Any]]


class Received(TypedDict):
    status: Literal["ok"]
