"""Fills the missing slots of a draft from the answer to a question: `150`, `ontem`, `a Maria`, `padeiro`."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

from falachefe.language.days.calendar import add_months
from falachefe.language.days.number_words import COUNTS
from falachefe.language.dialogue.references import POINTERS
from falachefe.language.spans.days import read_days
from falachefe.language.spans.times import read_moment
from falachefe.language.subjects.financial.entries import corrected_values
from falachefe.language.subjects.financial.ledger import fill_entry
from falachefe.language.subjects.financial.reports import budget_category, report_for
from falachefe.language.subjects.hr.employees import hire_args
from falachefe.language.subjects.hr.leave import absence_reason, time_off_period, time_off_start
from falachefe.language.subjects.interpretation import Draft, money
from falachefe.language.subjects.marketing.drafts import campaign_draft, segment_in
from falachefe.language.subjects.sums import find_sums
from falachefe.language.subjects.support.requests import ticket_subject
from falachefe.language.text.normalize import Text, normalize, rx
from falachefe.language.text.person_names import any_name, name_after
from falachefe.language.types import JsonValue

type _Filler = Callable[[Draft, Text, date, str], Draft]

_NO_ANSWER: Final = (
    r"^\W*(?:nao (?:sei|lembro|faco ideia|tenho|me lembro|to com|estou com)|sei la|"
    r"depois (?:eu )?(?:te )?(?:falo|vejo|digo|passo|mando)|vou ver|vou (?:procurar|"
    r"checar|conferir|olhar)|esqueci|qualquer (?:um|coisa)|tanto faz|como assim|por "
    r"que|porque|o que|que|hein|perai|espera|calma|um momento|ja (?:te )?(?:falo|digo|"
    r"mando)|nao quero|sim|nao|ok|certo|beleza|pode ser|claro)\b[\w\s]{0,25}[.!?]*$"
)


def fill_slots(draft: Draft, text: Text, now: datetime, origin: str) -> Draft:
    """The draft with the answer's slots filled; unchanged when it fills none. `origin` is the original request."""
    if text.has(_NO_ANSWER):
        return draft
    if draft.tool == "remind":
        return _reminder(draft, text, now)
    return _FILLERS[draft.tool](draft, text, now.date(), origin) if draft.tool in _FILLERS else draft


def _reminder(draft: Draft, text: Text, now: datetime) -> Draft:
    args, missing = dict(draft.args), list(draft.missing)
    moment = read_moment(text, now)
    if "at" in missing and moment:
        args["at"] = moment.at.isoformat()
        missing.remove("at")
        if moment.repeats:
            args["repeats"] = moment.repeats
    elif "text" in missing and len(text.plain) > 2:
        args["text"] = text.raw
        missing.remove("text")
    return Draft(draft.tool, args, tuple(missing))


def _pointed(draft: Draft, text: Text, _: date, __: str) -> Draft:
    """The answer names the row: a person, a campaign."""
    slot = POINTERS[draft.tool]
    if slot in draft.missing and len(text.plain.split()) <= 8:
        name = any_name(text) or name_after(text, 0, loose=True) if slot == "employee" else text.raw.strip(' .!"')
        if name:
            return Draft(draft.tool, {**draft.args, slot: name}, tuple(m for m in draft.missing if m != slot))
    amounts = [a for a in find_sums(text.plain) if a.flaw is None]
    if "salary" in draft.missing and len(amounts) == 1:
        args = {**draft.args, "salary": money(amounts[0].value)}
        return Draft(draft.tool, args, tuple(m for m in draft.missing if m != "salary"))
    return draft


def _correction(draft: Draft, text: Text, today: date, _: str) -> Draft:
    values = corrected_values(text, today)
    return Draft(draft.tool, {**draft.args, **values}) if values else draft


def _entry(draft: Draft, text: Text, today: date, origin: str) -> Draft:
    if draft.flaw == "vague_date":
        for period in ("semana passada", "semana retrasada"):
            weekday = rx(r"\b(segunda|terca|quarta|quinta|sexta|sabado|domingo)\b(?! passad)").search(text.plain)
            if weekday and period in normalize(origin).plain:
                return fill_entry(draft, normalize(f"{weekday.group(1)} da {period}"), today)
    return fill_entry(draft, text, today)


def _bill(draft: Draft, text: Text, today: date, _: str) -> Draft:
    """The day or the amount of a bill; the day of one that is due lies ahead."""
    args, missing = dict(draft.args), list(draft.missing)
    days = [w for w in read_days(text, today, prefer="future") if w.kind == "day"]
    if days:
        args["due"] = days[0].first.isoformat()
        missing = [m for m in missing if m != "due"]
    amounts = [a for a in find_sums(text.plain, [(w.start, w.end) for w in days]) if a.flaw is None]
    if "amount" in missing and len(amounts) == 1:
        args["amount"] = money(amounts[0].value)
        missing.remove("amount")
    return Draft(draft.tool, args, tuple(missing), draft.flaw if missing else None)


def _budget(draft: Draft, text: Text, today: date, _: str) -> Draft:
    args, missing = dict(draft.args), list(draft.missing)
    days = read_days(text, today, prefer="future")
    amounts = list(find_sums(text.plain, [(w.start, w.end) for w in days]))
    if "category" in missing and (named := budget_category(text.plain)):
        args["category"] = named
        missing.remove("category")
    if "amount" in missing and len(amounts) == 1 and amounts[0].flaw in (None, "each"):
        args["amount"] = money(amounts[0].value)
        missing.remove("amount")
    for mention in days:
        if mention.kind == "range" and mention.first.day == 1:
            args["month"] = mention.first.strftime("%Y-%m")
    return Draft(draft.tool, args, tuple(missing), draft.flaw if missing else None)


def _hire(draft: Draft, text: Text, today: date, _: str) -> Draft:
    args, missing = dict(draft.args), list(draft.missing)
    stated, _missing = hire_args(text, today, 0)
    if "name" in missing:
        name = stated.get("name") or (name_after(text, 0, loose=True) if len(text.plain.split()) <= 8 else None)
        if name:
            args["name"] = name
            missing.remove("name")
            stated = hire_args(normalize(text.raw.replace(str(name).lower(), str(name))), today, 0)[0] | stated
    if "position" in missing:
        position = stated.get("position") if "name" in draft.missing else _bare_position(text) or stated.get("position")
        if position:
            args["position"] = position
            missing.remove("position")
    if "salary" in stated:
        args["salary"] = stated["salary"]
        missing = [m for m in missing if m != "salary"]
    return Draft(draft.tool, args, tuple(missing), None)


def _bare_position(text: Text) -> str | None:
    match = rx(
        r"^\W*(?:(?:e|ele|ela|o|a|vai|ser|sera|cargo|de|como|funcao|na|pra|para|"
        r"trabalhar|um|uma|nosso|nossa|novo|nova|:|eh|dele|dela)\s+)*(?P<p>[a-z][a-z\- ]{2,50}?)(?=\s"
        r"*(?:$|[,.;:!\n\d]|\bcom\b|\bganhando\b|\bsalario\b|\bpor\b|\br\$))"
    ).match(text.plain)
    return text.original(match.start("p"), match.end("p")) if match else None


def _time_off(draft: Draft, text: Text, today: date, origin: str) -> Draft:
    args = dict(draft.args)
    kind = "ferias" if "ferias" in normalize(origin).plain else "folga"
    joined = normalize(f"{kind} {text.raw}")
    if (name := any_name(text)) and "employee" not in args:
        args["employee"] = name
    begun = args.get("start")
    if isinstance(begun, str) and "end" in draft.missing:
        end = _end_of(text, date.fromisoformat(begun))
        if end:
            return Draft(draft.tool, {**args, "end": end.isoformat()})
    if period := time_off_period(joined, today):
        return Draft(draft.tool, {**args, "start": period[0].isoformat(), "end": period[1].isoformat()})
    start = time_off_start(joined, today)
    if start and "start" not in args:
        return Draft(draft.tool, {**args, "start": start.isoformat()}, ("end",))
    return Draft(draft.tool, args, draft.missing, draft.flaw)


def _end_of(text: Text, start: date) -> date | None:
    length = rx(r"\b(\d{1,3}|" + "|".join(COUNTS) + r")\s+(dias?|semanas?|mes|meses)\b").search(text.plain)
    if length:
        count = COUNTS.get(length.group(1)) or int(length.group(1))
        if length.group(2).startswith("mes"):
            return add_months(start, min(count, 24)) - timedelta(days=1)
        return start + timedelta(days=max(1, min(count, 400)) * (7 if length.group(2).startswith("semana") else 1) - 1)
    days = [w for w in read_days(text, start, prefer="future") if w.kind == "day" and w.first >= start]
    if days:
        return days[-1].first
    bare = rx(r"^\W*(?:ate |ate o |ate dia |o dia )*(\d{1,2})\W*$").match(text.plain)
    if bare:
        found = read_days(normalize(f"dia {bare.group(1)}"), start, prefer="future")
        return found[0].first if found and found[0].kind == "day" else None
    return None


def _absence(draft: Draft, text: Text, today: date, _: str) -> Draft:
    args, missing = dict(draft.args), list(draft.missing)
    if "employee" in missing:
        short = len(text.plain.split()) <= 5
        lead = rx(r"^\W*(?:(?:foi|era|e|quem faltou foi|faltou|quem|a|o|seu|dona)\s+)*").match(text.plain)
        name = any_name(text) or (name_after(text, lead.end() if lead else 0, loose=True) if short else None)
        if name:
            args["employee"] = name
            missing.remove("employee")
    days = [w for w in read_days(text, today, prefer="past") if w.kind == "day"]
    if days:
        args["date"] = days[0].first.isoformat()
        missing = [m for m in missing if m != "date"]
    if reason := absence_reason(text):
        args["reason"] = reason
    return Draft(draft.tool, args, tuple(missing), draft.flaw if "date" in missing else None)


def _campaign(draft: Draft, text: Text, _: date, __: str) -> Draft:
    words = text.plain.split()
    segment = segment_in(text.plain)
    if len(words) <= 5 and (
        segment != "all" or text.has(r"^\W*(?:pra |para |pros )?(?:os |todos|todo mundo|clientes)\b")
    ):
        return Draft(draft.tool, {**draft.args, "segment": segment}, draft.missing)
    if len(words) < 2:
        return draft
    stated = campaign_draft(text)
    lead = rx(
        r"^\W*(?:(?:pode ser|coloca|manda|escreve|poe|bota|a mensagem e|mensagem|"
        r"o texto e|texto|assim|seria|vai ser)(?: assim)?\s*[:,]\s*)"
    ).match(text.plain)
    message = text.original(lead.end(), len(text.plain)) if lead else text.raw
    if stated.args.get("message") and text.has(r"^\W*(?:pra|para|pros|para os)\b.{0,30}:"):
        message = str(stated.args["message"])
    message = message.strip().strip('"“”').strip()
    args: dict[str, JsonValue] = {**draft.args, "message": message}
    args.setdefault("name", " ".join(message.split()[:5])[:80])
    return Draft(draft.tool, args)


def _results(draft: Draft, text: Text, _: date, __: str) -> Draft:
    match = rx(r"^\W*(?:(?:foi|e|a|o|da|de|do|campanha|chamada|aquela|essa|nome)\s+)*(?P<n>\S.*?)\W*$").match(
        text.plain
    )
    if not match or len(text.plain.split()) > 10:
        return draft
    return Draft(draft.tool, {"name": text.original(match.start("n"), match.end("n")).strip("\"'")})


def _ticket(draft: Draft, text: Text, _: date, __: str) -> Draft:
    if len(text.plain.split()) < 2 and len(text.plain) < 6:
        return draft
    return Draft(draft.tool, {"subject": ticket_subject(text.raw), "description": text.raw})


def _report(draft: Draft, text: Text, today: date, _: str) -> Draft:
    return report_for(text, today).drafts[0] if read_days(text, today, prefer="past") else draft


_FILLERS: Final[dict[str, _Filler]] = {
    "add_expense": _entry,
    "add_income": _entry,
    "add_bill": _bill,
    "create_budget": _budget,
    "add_employee": _hire,
    "request_time_off": _time_off,
    "register_absence": _absence,
    "create_campaign": _campaign,
    "campaign_results": _results,
    "open_ticket": _ticket,
    "cash_flow_report": _report,
    "correct_entry": _correction,
    "decide_time_off": _pointed,
    "update_employee": _pointed,
    "end_employment": _pointed,
    "send_campaign": _pointed,
    "cancel_campaign": _pointed,
}
