"""POST /v1/crews/process: sends a message to the crew; the response contains its reply."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header
from pydantic import BaseModel, ConfigDict, StringConstraints

from falachefe.app.agent_worker import count, task_dependencies
from falachefe.app.rest import rest_api
from falachefe.crews.responses import CrewAnswer
from falachefe.crews.turns import synchronous as crew
from falachefe.http.rate_limits.callers import Limit
from falachefe.kernel.errors import Forbidden, InvalidInput
from falachefe.language.warm_up import warm_up

api = rest_api("crews")


class MessageIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    message: Annotated[str, StringConstraints(max_length=crew.LONGEST_MESSAGE)]


@api.post(
    "/process",
    permission="crews.process",
    limit=Limit("crews-process", 50),
    summary="Send a message to the crew and get its reply",
    refuses={
        402: "The plan's messages for the month are used up",
        403: "Needs crews.process, for members only; a key also needs its creator's permissions that agents use",
        409: "The previous message is still being answered",
        429: "Too many messages",
    },
)
def process(
    body: MessageIn, idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=100)] = None
) -> CrewAnswer:
    who = api.principal()
    # Postgres cannot store NUL in a text.
    text = body.message.replace("\x00", "").strip()
    if not text:
        raise InvalidInput("Escreva uma mensagem.", code="message_empty")
    if who.author_id is None:
        raise Forbidden("Só quem é da empresa fala com a equipe dela.", code="members_only")
    scopes = who.permissions if who.key else None
    answer = crew.process(
        task_dependencies(), who.company_id, who.user_id, text, key=idempotency_key, scopes=scopes, report=count
    )
    return {
        "reply": answer.reply,
        "agent": answer.agent,
        "conversation_id": str(answer.conversation_id),
        "task_id": str(answer.task_id),
        "handoffs": answer.handoffs,
        "tools": answer.tools,
    }


warm_up()
handler = api.handler()
