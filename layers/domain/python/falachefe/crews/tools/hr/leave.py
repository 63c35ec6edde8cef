"""Time off and absences."""

from falachefe.crews.tools.formatting import count, day, plain, short_date
from falachefe.crews.tools.hr import arguments as args
from falachefe.crews.tools.spec import ToolContext, ToolResult, ToolSpec
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
    return ToolResult(True, f"Falta registrada: {who}, {when}.{why}", {"id": str(view.id)})


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
        help='Registrar faltas: "o João faltou hoje"',
    ),
)
