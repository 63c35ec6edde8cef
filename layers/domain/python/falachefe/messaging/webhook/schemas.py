"""Request and response of the provider's webhook."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from pydantic import Field


class UazNotification(TypedDict):
    """What is read of the provider's webhook; all else in it is let be. `event` or `message` come by its kind."""

    token: Annotated[str, Field(examples=["<instance-token>"])]
    EventType: Annotated[str, Field(examples=["messages"])]
    message: NotRequired[Annotated[dict[str, Any], Field(examples=[{"text": "gastei 150 de gasolina"}])]]
    event: NotRequired[dict[str, Any]]


class Received(TypedDict):
    status: Literal["ok"]
