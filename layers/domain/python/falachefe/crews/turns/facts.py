"""What the company knows: the names of its people, suppliers, contacts and campaigns, and its open bills.

It is a column of the crew's statement, so that reading it takes no round trip and no statement of its own. Each list is
bounded, by rows that an index gives in order, so that a large company costs no more than a middle-sized one.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import literal_column
from sqlalchemy.dialects.postgresql import JSONB

from falachefe.http.principal import allows

if TYPE_CHECKING:
    from falachefe.language.types import Facts

FACTS: Final = literal_column(
    """jsonb_build_object(
        'people', (select jsonb_agg(f.name) from (
            select e.name from employees e where e.company_id = crews.company_id
            and e.deleted_at is null and e.status <> 'dismissed' order by e.name limit 200) f),
        'suppliers', (select jsonb_agg(f.name) from (
            select s.name from suppliers s where s.company_id = crews.company_id and s.deleted_at is null
            order by s.id desc limit 200) f),
        'contacts', (select jsonb_agg(f.name) from (
            select c.name, c.user_id, c.deleted_at from contacts c where c.company_id = crews.company_id
            order by c.id desc limit 300) f where f.name is not null and f.user_id is null and f.deleted_at is null),
        'campaigns', (select jsonb_agg(f.name) from (
            select m.name, m.status, m.deleted_at from campaigns m where m.company_id = crews.company_id
            order by m.id desc limit 60) f
            where f.status in ('draft', 'scheduled', 'sending') and f.deleted_at is null),
        'bills', (select jsonb_agg(jsonb_build_array(f.description, f.counterparty, f.owed, f.due, f.direction)) from (
            select b.description, b.counterparty, (b.amount - b.paid)::text as owed, b.due, b.direction from bills b
            where b.company_id = crews.company_id and b.due > current_date - 400
            and b.status in ('open', 'partly_paid') and b.deleted_at is null order by b.due limit 60) f)
    )""",
    JSONB,
).label("facts")
"""For a statement about `crews`. Bills are at most 400 days past due; what is owed is a decimal in text."""

_SEEN_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    "people": ("hr.read",),
    "suppliers": ("finance.read", "finance.write"),
    "contacts": ("marketing.read",),
    "campaigns": ("marketing.read",),
    "bills": ("finance.read", "finance.write"),
}
"""The permissions one of which shows a list. A contact has none, and gets no facts."""


def facts_of(stored: Mapping[str, Any], permissions: frozenset[str]) -> "Facts":
    """The facts of the statement's column that somebody with these permissions may see."""
    from falachefe.language.types import Facts, OpenBill  # noqa: PLC0415  # 60 ms, only where text is read

    seen = {
        name: stored.get(name) or () if any(allows(permissions, one) for one in needed) else ()
        for name, needed in _SEEN_WITH.items()
    }
    bills = tuple(
        OpenBill(description, counterparty or "", Decimal(owed), due, direction)
        for description, counterparty, owed, due, direction in seen.pop("bills")
    )
    return Facts(**{name: tuple(values) for name, values in seen.items()}, bills=bills)
