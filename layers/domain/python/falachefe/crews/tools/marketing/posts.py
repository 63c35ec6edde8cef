"""Ideas for posts."""

from falachefe.crews.tools.marketing import arguments as args
from falachefe.crews.tools.spec import ToolContext, ToolResult, ToolSpec
from falachefe.marketing import service

ROLE = "marketing"


def suggest_post(context: ToolContext, wanted: args.SuggestPost) -> ToolResult:
    post = service.suggest_post(wanted.topic, context.company_name, today=context.today)
    return ToolResult(True, f"*Sugestão de post*\n{post}")


TOOLS = (
    ToolSpec(
        "suggest_post",
        ROLE,
        "marketing.read",
        "sugerir posts",
        "An idea for a social media post on a topic.",
        args.SuggestPost,
        suggest_post,
        help='Ideias de post: "sugira um post sobre a promoção"',
    ),
)
