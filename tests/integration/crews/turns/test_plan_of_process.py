"""Messages over the API count towards the plan's limit, and are refused beyond it."""

import pytest
from sqlalchemy import text

from falachefe.crews.turns.synchronous import process
from falachefe.messaging.models import Message
from falachefe.plans.limits import PlanLimitReached
from tests.integration.crews.harness import TurnHarness


def counted(crew: TurnHarness) -> int:
    [row] = crew.rows(text("select coalesce(sum(messages), 0) as messages from message_counts"))
    return int(row.messages)


def limit(crew: TurnHarness, messages: int) -> None:
    with crew.real.tenant(crew.company_id) as session:
        session.execute(
            text(
                "insert into subscriptions (company_id, id, plan_code, limits, starts_at) values"
                " (:c, gen_random_uuid(), 'pro', jsonb_build_object('messages_limit', cast(:m as int)), '2020-01-01')"
                " on conflict (company_id) where status <> 'canceled' and deleted_at is null"
                " do update set limits = excluded.limits"
            ),
            {"c": crew.company_id, "m": messages},
        )


def test_an_api_message_counts_once_and_its_repetition_does_not_count(crew: TurnHarness) -> None:
    for _ in range(2):
        process(crew.dependencies, crew.company_id, crew.user_id, "gastei 10 reais com gasolina", key="k1")

    assert counted(crew) == 1


def test_beyond_the_plan_limit_nothing_is_stored_and_no_agent_runs(crew: TurnHarness) -> None:
    limit(crew, 1)
    process(crew.dependencies, crew.company_id, crew.user_id, "gastei 10 reais com gasolina")
    before = len(crew.rows(Message.__table__.select()))
    with pytest.raises(PlanLimitReached) as refused:
        process(crew.dependencies, crew.company_id, crew.user_id, "gastei 20 reais com leite")

    assert refused.value.code == "plan_limit_reached"
    assert "1 mensagem" in refused.value.detail
    assert len(crew.rows(Message.__table__.select())) == before
    assert crew.entry_counts() == {"gastei 10 reais com gasolina": 1}


def test_an_answer_given_within_the_plan_limit_is_repeated_beyond_it(crew: TurnHarness) -> None:
    limit(crew, 1)
    first, second = (
        process(crew.dependencies, crew.company_id, crew.user_id, "gastei 10 reais com gasolina", key="k1")
        for _ in "ab"
    )

    assert first == second
