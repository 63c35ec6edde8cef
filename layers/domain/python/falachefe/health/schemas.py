"""What the health checks answer with."""

from typing import Annotated, Literal, TypedDict

from pydantic import Field


class Liveness(TypedDict):
    status: Literal["live"]


class Readiness(TypedDict):
    """`degraded` things slow the product down; with one of them `down`, it is down."""

    status: Literal["ok", "degraded", "down"]
    checks: Annotated[dict[str, Literal["ok", "degraded", "down"]], Field(examples=[{"postgres": "ok", "model": "ok"}])]
