"""A company's usage of its plan's limits."""

from falachefe.accounts.user_limit import count_active
from falachefe.companies.schemas import Usage
from falachefe.companies.service import company
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.messaging.channels.registration import count_channels
from falachefe.plans import limits as plan_limits
from falachefe.plans import rules
from falachefe.plans.subscriptions import plan_in_force


def usage(work: RequestUnitOfWork) -> Usage:
    session, company_id = work.session, work.company_id
    time_zone = company(session, company_id).time_zone
    spent = plan_limits.allowance(session, company_id, time_zone=time_zone, now=work.now)
    limits = spent.plan.limits
    return {
        "plan": plan_in_force(spent.plan),
        "month": f"{rules.month_of(work.now, time_zone):%Y-%m}",
        "users": {"used": count_active(session, company_id), "limit": limits.users},
        "channels": {"used": count_channels(session, company_id), "limit": limits.channels},
        "messages": {"used": spent.used, "limit": limits.messages},
    }
