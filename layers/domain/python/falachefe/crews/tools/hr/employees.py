"""The company's staff."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from falachefe.crews.tools.argument_types import Nothing
from falachefe.crews.tools.formatting import count, plain
from falachefe.crews.tools.hr import arguments as args
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult, ToolSpec
from falachefe.hr import service
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
        inverse={"id": str(employee.id), "version": 1, "name": employee.name},
        rows=(Row("employees", employee.id),),
    )


def undo_employee(context: ToolContext, inverse: Mapping[str, Any]) -> ToolResult:
    service.remove_employee(
        context.session,
        context.company_id,
        UUID(inverse["id"]),
        version=inverse["version"],
        now=context.now,
        outbox=context.outbox,
    )
    return ToolResult(True, f"Desfeito: tirei o cadastro de {plain(inverse['name'])}.", {"id": inverse["id"]})


def list_employees(context: ToolContext, _wanted: Nothing) -> ToolResult:
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
        undo=undo_employee,
        help='Cadastrar funcionários: "cadastre a Ana como vendedora"',
    ),
    ToolSpec(
        "list_employees",
        ROLE,
        "hr.read",
        "ver a equipe",
        "Who works here and in which position.",
        Nothing,
        list_employees,
        help='Ver a equipe: "quem trabalha aqui?"',
    ),
)
