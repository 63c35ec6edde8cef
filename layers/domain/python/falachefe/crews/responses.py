"""Response types of the API's other endpoints: processing a message, and the status of crews."""

from typing import Annotated, Any, TypedDict

from pydantic import Field

from falachefe.http.schemas import Id, Moment

_Role = Annotated[str, Field(examples=["financial"])]
_Status = Annotated[str, Field(examples=["active"])]

Handoff = TypedDict("Handoff", {"from": _Role, "to": _Role})


class ToolUse(TypedDict):
    tool: Annotated[str, Field(examples=["add_expense"])]
    args: Annotated[dict[str, Any], Field(examples=[{"amount": "150.00", "description": "gasolina"}])]
    ok: bool


class CrewAnswer(TypedDict):
    """The crew's reply, the agent that gave it, and the turn's handoffs and tool calls."""

    reply: Annotated[str, Field(examples=["Anotei a despesa de R$ 150,00 com gasolina."])]
    agent: _Role
    conversation_id: Id
    task_id: Id
    handoffs: list[Handoff]
    tools: list[ToolUse]


class AgentAtWork(TypedDict):
    id: Id
    name: Annotated[str, Field(examples=["Financeiro"])]
    role: _Role
    status: _Status


class CrewAtWork(TypedDict):
    id: Id
    name: Annotated[str, Field(examples=["Equipe da padaria"])]
    status: _Status
    agents: list[AgentAtWork]


class CrewFigures(TypedDict):
    """Tasks created in the last 24 hours: `tasks` counts them by state, `cost_usd` is the cost of the models."""

    tasks: Annotated[dict[str, int], Field(examples=[{"completed": 12}])]
    handoffs: int
    average_execution_ms: Annotated[int | None, Field(examples=[240])]
    cost_usd: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]{6}$", examples=["0.001200"])]


class CrewsStatus(TypedDict):
    """`active_tasks`: pending and running tasks by role. `pending_messages`: messages not answered yet."""

    crews: list[CrewAtWork]
    active_tasks: Annotated[dict[str, int], Field(examples=[{"financial": 1}])]
    pending_messages: int
    last_24h: CrewFigures
    at: Moment
