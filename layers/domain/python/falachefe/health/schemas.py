"""What the health checks answer with."""

from typing import Annotated, Literal, TypedDict

from pydantic import Field


class Liveness(TypedDict):
    status: Literal["live"]


class Readiness(TypedDict):
    """`status` is the worst of `checks`; `degraded`: the product works, but is slower or lacks a function."""

    status: Literal["ok", "degraded", "down"]
    checks: Annotated[dict[str, Literal["ok", "degraded", "down"]], Field(examples=[{"postgres": "ok", "model": "ok"}])]
