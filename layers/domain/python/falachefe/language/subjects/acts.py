"""Orders and questions about what exists already; they are looked for before anything that adds something new."""

from datetime import date, datetime

from falachefe.language.subjects.financial import bills, entries, files
from falachefe.language.subjects.hr import team
from falachefe.language.subjects.interpretation import Interpretation
from falachefe.language.subjects.marketing import campaigns
from falachefe.language.subjects.support import tickets
from falachefe.language.subjects.talk import reminders
from falachefe.language.subjects.talk.undo import parse_undo
from falachefe.language.text.normalize import Text


def parse_act(text: Text, now: datetime) -> Interpretation | None:
    """The first subject that recognises the message; None when it adds something new or only talks."""
    today = now.date()
    return (
        parse_undo(text)
        or reminders.parse_reminder_cancel(text)
        or reminders.parse_reminder_list(text)
        or reminders.parse_reminder(text, now)
        or tickets.parse_ticket_close(text)
        or campaigns.parse_campaign_cancel(text)
        or campaigns.parse_campaign_send(text, now)
        or bills.parse_bill_cancel(text)
        or team.parse_time_off_decision(text, today)
        or team.parse_employee_change(text)
        or team.parse_departure(text, today)
        or entries.parse_delete(text)
        or entries.parse_change(text, today)
        or entries.parse_correction(text, today)
        or _question(text, today)
    )


def _question(text: Text, today: date) -> Interpretation | None:
    return (
        files.parse_chart(text, today)
        or files.parse_export(text, today)
        or tickets.parse_ticket_list(text)
        or team.parse_time_off_list(text, today)
        or bills.parse_bill_list(text, today)
        or campaigns.parse_contact_count(text)
        or entries.parse_list(text, today)
        or entries.parse_spending(text, today)
    )
