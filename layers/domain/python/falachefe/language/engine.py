"""Entry points of the engine: `analyze` routes a message to an agent role, `decide` chooses what that agent does.

Deterministic: no network, no clock, no state between messages except caches.
"""

from decimal import Decimal
from typing import Final

from falachefe.language.dialogue.manager import Outcome, resolve
from falachefe.language.responses import (
    RESPONSES,
    gave_up,
    handoff_reason,
    question,
    unavailable,
)
from falachefe.language.subjects.interpretation import Draft
from falachefe.language.types import (
    OF_EVERY_AGENT,
    ROLES,
    TOOLS,
    Analysis,
    Ask,
    CallTools,
    Complexity,
    Decision,
    Facts,
    Handoff,
    JsonValue,
    OpenBill,
    Role,
    Say,
    Situation,
    ToolCall,
    Utterance,
)

__all__ = [
    "Analysis",
    "Ask",
    "CallTools",
    "Decision",
    "Facts",
    "Handoff",
    "JsonValue",
    "OpenBill",
    "Role",
    "Say",
    "Situation",
    "ToolCall",
    "Utterance",
    "analyze",
    "decide",
]

LOW_CONFIDENCE: Final = 0.45
_TALK: Final = frozenset(("small_talk", "correction", "cancel", "refused"))


def analyze(text: str, situation: Situation) -> Analysis:
    """Routes the message to a role. Below `LOW_CONFIDENCE` it goes to support, which asks what the user needs."""
    outcome = resolve(text, situation)
    role = _role(outcome, situation)
    needs_approval = any(_needs_approval(d, situation.approval_over) for d in outcome.everything)
    return Analysis(
        role,
        outcome.intent,
        _complexity(outcome, needs_approval),
        needs_approval,
        outcome.confidence,
        _reason(outcome, role),
    )


def decide(role: Role, text: str, situation: Situation) -> Decision:  # noqa: PLR0911 - an ordered list of cases
    """What agent `role` does: call its tools, ask one question, hand over to another role, or answer with a text."""
    outcome = resolve(text, situation)
    if outcome.said:
        return Say(outcome.said)
    if not outcome.drafts:
        return Say(RESPONSES.get(outcome.intent, RESPONSES["unknown"]))
    # One group of calls for each agent that the message needs: each runs its own group and hands the rest over.
    groups = (outcome.drafts, *outcome.rest)
    own = next((i for i, group in enumerate(groups) if _belongs(group[0].tool, role)), None)
    if own is None and outcome.intent in ("greet", "help") and "orchestrator" not in situation.active_roles:
        # Talk belongs to whoever has the turn: a customer is only ever answered by support.
        return Say(RESPONSES[f"{outcome.intent}_elsewhere"])
    if own is None:
        return _passed_on(groups, situation) or Say(RESPONSES["unknown"])
    if outcome.intent == "gave_up":
        return Say(gave_up(outcome.drafts[0]))
    then = _passed_on(groups[own + 1 :], situation)
    ready = [d for d in groups[own] if not d.missing]
    open_draft = next((d for d in groups[own] if d.missing), None)
    if open_draft and not ready:
        return Ask(question(open_draft), open_draft.tool, _arguments(open_draft), open_draft.missing, then)
    # What is complete is done at once; what is not is asked about in the same reply.
    said = dict.fromkeys(d.note for d in groups[own] if d.note)
    note = " ".join((*said, question(open_draft)) if open_draft else said)
    calls = tuple(ToolCall(d.tool, _arguments(d, situation)) for d in ready)
    return CallTools(calls, then or (Say(note) if note else None))


def _belongs(tool: str, role: Role) -> bool:
    return TOOLS[tool] == role or tool in OF_EVERY_AGENT


def _passed_on(groups: tuple[tuple[Draft, ...], ...], situation: Situation) -> Handoff | Say | None:
    """A handoff to the first active role that the groups need, or a text saying that the first one is unavailable."""
    wanted = [TOOLS[group[0].tool] for group in groups]
    for role in wanted:
        if role in situation.active_roles:
            return Handoff(role, handoff_reason(role))
    return Say(unavailable(wanted[0])) if wanted else None


def _arguments(draft: Draft, situation: Situation | None = None) -> dict[str, JsonValue]:
    args: dict[str, JsonValue] = {name: value for name, value in draft.args.items() if value not in (None, "")}
    if situation is not None and draft.tool in ("add_expense", "add_income"):
        args.setdefault("date", (draft.day or situation.now.date()).isoformat())
        args.setdefault("description", "Despesa" if draft.tool == "add_expense" else "Receita")
    return args


def _role(outcome: Outcome, situation: Situation) -> Role:
    wanted: Role = outcome.role
    current = situation.current_role
    of_current = outcome.intent in _TALK and (outcome.intent != "small_talk" or outcome.continues)
    if current is not None and (of_current or outcome.intent in OF_EVERY_AGENT):
        wanted = current
    elif outcome.confidence < LOW_CONFIDENCE:
        wanted = "support"
    for role in (wanted, "support", "orchestrator", *ROLES):
        if role in situation.active_roles:
            return role
    return wanted


def _needs_approval(draft: Draft, over: Decimal) -> bool:
    if draft.tool == "create_campaign":
        return True
    if draft.tool == "add_employee":
        return "salary" in draft.args
    amount = draft.args.get("amount")
    return draft.tool == "add_expense" and isinstance(amount, str) and Decimal(amount) > over


def _complexity(outcome: Outcome, needs_approval: bool) -> Complexity:
    if needs_approval or len(outcome.everything) > 2:
        return "high"
    if (
        len(outcome.everything) > 1
        or outcome.open_draft
        or outcome.intent in ("cash_flow_report", "analyze_trends", "campaign_results", "suggest_post", "open_ticket")
    ):
        return "medium"
    return "low"


def _reason(outcome: Outcome, role: Role) -> str:
    if outcome.confidence < LOW_CONFIDENCE:
        return "low_confidence"
    if outcome.continues:
        return f"continues_{outcome.intent}"
    return f"subject_{outcome.intent}" if outcome.role == role else f"{outcome.role}_inactive"
