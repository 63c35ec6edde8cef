"""Time off and absences."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from falachefe.crews.tools.formatting import count, day, plain, short_date
from falachefe.crews.tools.hr import arguments as args
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult, ToolSpec
from falachefe.hr import service
from falachefe.http.principal import allows

ROLE = "hr"


def request_time_off(context: ToolContext, wanted: args.RequestTimeOff) -> ToolResult:
    view = service.request_time_off(
        context.session,
        context.company_id,
        employee_name=wanted.employee,
        user_id=context.user_id,
        start=wanted.start,
        end=wanted.end,
        may_act_for_others=allows(context.permissions, "hr.write"),
        today=context.today,
        now=context.now,
        outbox=context.outbox,
    )
    if view.start == view.end:
        when = short_date(view.start, context.reply_date)
    else:
        ends = f"{short_date(view.start, context.reply_date)} a {short_date(view.end, context.reply_date)}"
        when = f"{ends} ({count(view.days, 'dia', 'dias')})"
    return ToolResult(
        True,
        f"Pedido de folga de {plain(view.employee_name)} registrado: {when}. Agora é só esperar a aprovação.",
        {"id": str(view.id), "days": view.days, "status": view.status},
        inverse={"id": str(view.id), "version": 1, "what": f"o pedido de folga de {view.employee_name}, {when}"},
        rows=(Row("time-off", view.id),),
    )


def register_absence(context: ToolContext, wanted: args.RegisterAbsence) -> ToolResult:
    view = service.register_absence(
        context.session,
        context.company_id,
        employee_name=wanted.employee,
        day=wanted.date,
        reason=wanted.reason,
        registered_by=context.user_id,
        today=context.today,
        now=context.now,
        outbox=context.outbox,
    )
    who, when = plain(view.employee_name), day(view.start, context.reply_date)
    if view.repeated:
        return ToolResult(True, f"A falta de {who} ({when}) já estava registrada.", {"id": str(view.id)})
    why = f" Motivo: {plain(view.reason)}." if view.reason else ""
    inverse = {"id": str(view.id), "version": 1}
    inverse["what"] = f"a falta de {view.employee_name}, {short_date(view.start, context.reply_date)}"
    rows = (Row("time-off", view.id),)
    return ToolResult(True, f"Falta registrada: {who}, {when}.{why}", {"id": str(view.id)}, inverse=inverse, rows=rows)


def undo_time_off(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    service.remove_time_off(
        context.session,
        context.company_id,
        UUID(inverse["id"]),
        version=inverse["version"],
        now=context.now,
        outbox=context.outbox,
    )
    return ToolResult(True, f"Desfeito: tirei {plain(inverse['what'])}.", {"id": inverse["id"]})


TOOLS = (
    ToolSpec(
        "request_time_off",
        ROLE,
        "hr.request",
        "pedir folga",
        "Ask for days off or vacation, both days included. Leave `employee` out for the sender's own.",
        args.RequestTimeOff,
        request_time_off,
        writes="time-off",
        masked=frozenset({"employee"}),
        undo=undo_time_off,
        help='Pedir folga ou férias: "quero folga dia 10"',
    ),
    ToolSpec(
        "register_absence",
        ROLE,
        "hr.write",
        "registrar faltas",
        "Note that an employee was absent on a day.",
        args.RegisterAbsence,
        register_absence,
        writes="time-off",
        masked=frozenset({"employee", "reason"}),
        undo=undo_time_off,
        help='Registrar faltas: "o João faltou hoje"',
    ),
)
