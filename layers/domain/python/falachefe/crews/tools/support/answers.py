"""Answers that the company published. Needs no permission."""

from falachefe.crews.tools.spec import ToolContext, ToolResult, ToolSpec
from falachefe.crews.tools.support import arguments as args
from falachefe.support import service

ROLE = "support"


def answer_question(context: ToolContext, wanted: args.AnswerQuestion) -> ToolResult:
    article = service.answer(context.session, context.company_id, wanted.question)
    if article is None:
        return ToolResult(
            True,
            "Não encontrei essa informação. Posso *abrir um chamado* ou *chamar uma pessoa* para ajudar: "
            "o que prefere?",
            {"found": False},
        )
    return ToolResult(True, article.answer, {"found": True, "question": article.question})


TOOLS = (
    ToolSpec(
        "answer_question",
        ROLE,
        None,
        "responder dúvidas",
        "Look a question up in what the company published (hours, address, payment, services …).",
        args.AnswerQuestion,
        answer_question,
        help='Tirar dúvidas: "qual é o horário de atendimento?"',
    ),
)
