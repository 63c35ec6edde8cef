"""The hr agent's tools: employees, time off and absences."""

from falachefe.crews.tools import arguments as args
from falachefe.crews.tools.formatting import count, day, plain, short_date
from falachefe.crews.tools.spec import ToolContext, ToolResult, ToolSpec
from falachefe.hr import service
from falachefe.http.principal import allows
from falachefe.kernel.money import format_brl

ROLE = "hr"
MAX_LISTED = 40


def add_employee(context: ToolContext, wanted: args.AddEmployee) -> ToolResult:
    employee = service.add_employee(
        context.session,
        context.company_id,
        name=wanted.name,
        position=wanted.position,
        salary=wanted.salary,
        hired_on=context.today,
        now=context.now,
        outbox=context.outbox,
    )
    pay = f", salário de {format_brl(employee.salary)}" if employee.salary is not None else ""
    return ToolResult(
        True,
        f"Pronto: {plain(employee.name)} entrou na equipe como {plain(employee.position)}{pay}.",
        {"id": str(employee.id), "name": employee.name},
    )


def list_employees(context: ToolContext, _wanted: args.Nothing) -> ToolResult:
    employees = service.list_employees(context.session, context.company_id)
    data = {"employees": [{"name": e.name, "position": e.position, "status": e.status} for e in employees]}
    if not employees:
        return ToolResult(True, "Ainda não há funcionários cadastrados.", data)
    lines = [
        f"• {plain(e.name)}: {plain(e.position)}{'' if e.status == 'active' else f' ({e.status_label.lower()})'}"
        for e in employees[:MAX_LISTED]
    ]
    if len(employees) > MAX_LISTED:
        lines.append(f"… e mais {len(employees) - MAX_LISTED}")
    return ToolResult(True, "\n".join([f"*Equipe: {count(len(employees), 'pessoa', 'pessoas')}*", *lines]), data)


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
        "add_employee",
        ROLE,
        "hr.write",
        "cadastrar funcionários",
        "Add a person to the staff, with the position and, when stated, the monthly salary.",
        args.AddEmployee,
        add_employee,
        writes="employees",
        masked=frozenset({"name"}),
    ),
    ToolSpec(
        "list_employees",
        ROLE,
        "hr.read",
        "ver a equipe",
        "Who works here and in which position.",
        args.Nothing,
        list_employees,
    ),
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
    ),
)
