"""Listing entries, and what was spent on something."""

from falachefe.access import staff
from falachefe.crews.tools.financial import arguments as args
from falachefe.crews.tools.financial.budgets import budget_line
from falachefe.crews.tools.financial.entries import RESOURCE, in_words
from falachefe.crews.tools.financial.entry_rows import owner_of_entries
from falachefe.crews.tools.formatting import count, day, per_cent, period, plain
from falachefe.crews.tools.pointing.pointer import words_of
from falachefe.crews.tools.spec import Row, ToolContext, ToolResult, ToolSpec
from falachefe.finance import entries, rules
from falachefe.finance.entries import EntryFilter
from falachefe.finance.spending import Spending, spending
from falachefe.kernel.money import format_brl

ROLE = "financial"


def list_entries(context: ToolContext, wanted: args.ListEntries) -> ToolResult:
    meant = EntryFilter(
        start=wanted.start,
        end=wanted.end,
        kind=wanted.kind,
        category=wanted.category,
        words=words_of(wanted.text or ""),
        created_by=owner_of_entries(context),
    )
    found = entries.entries(context.session, context.company_id, meant, limit=wanted.limit + 1)
    title = f"*{_title(context, wanted)}*"
    if not found:
        return ToolResult(True, f"{title}\nNenhum lançamento.", {"entries": []})
    shown = found[: wanted.limit]
    lines = [f"{number}. {in_words(one, context)}" for number, one in enumerate(shown, 1)]
    if len(found) > wanted.limit:
        lines.append("… e há mais. Diga um período ou uma palavra para ver outros.")
    data = {"entries": [{"id": str(one.id), "amount": str(one.amount), "kind": one.kind} for one in shown]}
    rows = tuple(Row(RESOURCE, one.id) for one in shown)
    return ToolResult(True, "\n".join([title, *lines]), data, rows=rows)


def _title(context: ToolContext, wanted: args.ListEntries) -> str:
    name = {"expense": "Despesas", "income": "Receitas"}.get(wanted.kind or "", "Lançamentos")
    about = [rules.LABELS[wanted.category].lower()] if wanted.category else []
    about += [f"“{plain(wanted.text)}”"] if wanted.text else []
    if wanted.start and wanted.end:
        about.append(period(wanted.start, wanted.end, context.reply_date))
    elif wanted.start:
        about.append(f"desde {day(wanted.start, context.reply_date)}")
    elif wanted.end:
        about.append(f"até {day(wanted.end, context.reply_date)}")
    return (
        f"{name}: {', '.join(about)}"
        if about
        else f"Últimos {name.lower()}"
        if not wanted.kind
        else f"Últimas {name.lower()}"
    )


def spending_report(context: ToolContext, wanted: args.SpendingReport) -> ToolResult:
    words = words_of(f"{wanted.text or ''} {wanted.person or ''}")
    people = () if wanted.person is None else staff.called(context.session, context.company_id, wanted.person)
    found = spending(
        context.session,
        context.company_id,
        EntryFilter(kind=wanted.kind, category=wanted.category, words=words, people=people),
        start=wanted.start,
        end=wanted.end,
        today=context.today,
    )
    unused = [f"Não usei “{word}”: nenhum lançamento tem essa palavra." for word in found.unknown]
    return ToolResult(
        True,
        "\n".join([*unused, f"*{_heading(context, wanted)}*", *_figures(context, found)]),
        _data(found),
        rows=tuple(Row(RESOURCE, one.id) for one in found.largest),
    )


def _heading(context: ToolContext, wanted: args.SpendingReport) -> str:
    about = [rules.LABELS[wanted.category].lower()] if wanted.category else []
    about += [f"“{plain(one)}”" for one in (wanted.text, wanted.person) if one]
    name = "Gastos" if wanted.kind == rules.EXPENSE else "Entradas"
    when = period(wanted.start, wanted.end, context.reply_date)
    return f"{name} com {' e '.join(about)}: {when}" if about else f"{name}: {when}"


def _figures(context: ToolContext, found: Spending) -> list[str]:
    lines = [f"Total: {format_brl(found.total)} em {count(found.count, 'lançamento', 'lançamentos')}"]
    if len(found.largest) == 1:
        lines.append(f"Foi: {in_words(found.largest[0], context)}")
    elif found.largest:
        lines.append("Maiores:")
        lines += [f"{number}. {in_words(one, context)}" for number, one in enumerate(found.largest, 1)]
    change = "" if found.variation is None else f" ({per_cent(found.variation)})"
    before = period(found.before.start, found.before.end, context.reply_date)
    lines.append(f"Antes, {before}: {format_brl(found.total_before)}{change}")
    return [*lines, budget_line(found.budget)] if found.budget is not None else lines


def _data(found: Spending) -> dict[str, object]:
    return {
        "total": str(found.total),
        "count": found.count,
        "total_before": str(found.total_before),
        "largest": [{"amount": str(one.amount), "description": one.description} for one in found.largest],
        "budget_left": None if found.budget is None else str(found.budget.remaining),
    }


TOOLS = (
    ToolSpec(
        "list_entries",
        ROLE,
        "finance.read",
        "ver os lançamentos",
        "Single entries, numbered, the latest day first. Without a period the last ones. `text` is a word of the "
        'description ("o que comprei no mercado?": text "mercado").',
        args.ListEntries,
        list_entries,
        or_permission="finance.write",
        help='Ver lançamentos: "meus últimos lançamentos"',
    ),
    ToolSpec(
        "spending_report",
        ROLE,
        "finance.read",
        "ver os gastos",
        "How much was spent on something between two dates, both included: total, number, the largest ones, against "
        "the period before, and what is left of the category's budget. `category` when one fits (gasolina: "
        'combustivel), else `text` ("tinta") or `person` ("com o João"). Without any: all expenses, also to find the '
        "largest one.",
        args.SpendingReport,
        spending_report,
        help='Gastos com algo: "quanto gastei com gasolina este mês?"',
    ),
)
