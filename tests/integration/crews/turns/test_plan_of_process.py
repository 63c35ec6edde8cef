"""By the API, too, a message counts, and the plan's last one is the last one."""

import pytest
from sqlalchemy import text

from falachefe.crews.turns.synchronous import process
from falachefe.messaging.models import Message
from falachefe.plans.limits import PlanLimitReached
from tests.integration.crews.rig import World


def counted(world: World) -> int:
    [row] = world.rows(text("select coalesce(sum(messages), 0) as messages from message_counts"))
    return int(row.messages)


def limit(world: World, messages: int) -> None:
    with world.real.tenant(world.company_id) as session:
        session.execute(
            text(
                "insert into subscriptions (company_id, id, plan_code, limits, starts_at) values"
                " (:c, gen_random_uuid(), 'pro', jsonb_build_object('messages_limit', cast(:m as int)), '2020-01-01')"
                " on conflict (company_id) where status <> 'canceled' and deleted_at is null"
                " do update set limits = excluded.limits"
            ),
            {"c": world.company_id, "m": messages},
        )


def test_a_message_by_the_api_counts_once_and_its_repetition_not_at_all(world: World) -> None:
    for _ in range(2):
        process(world.shop, world.company_id, world.user_id, "gastei 10 reais com gasolina", key="k1")

    assert counted(world) == 1


def test_beyond_the_plan_nothing_is_stored_and_no_agent_runs(world: World) -> None:
    limit(world, 1)
    process(world.shop, world.company_id, world.user_id, "gastei 10 reais com gasolina")
    before = len(world.rows(Message.__table__.select()))
    with pytest.raises(PlanLimitReached) as refused:
        process(world.shop, world.company_id, world.user_id, "gastei 20 reais com leite")

    assert refused.value.code == "plan_limit_reached"
    assert "1 mensagem" in refused.value.detail
    assert len(world.rows(Message.__table__.select())) == before
    assert world.noted() == {"gastei 10 reais com gasolina": 1}


def test_what_was_answered_within_the_plan_is_answered_again_beyond_it(world: World) -> None:
    limit(world, 1)
    first, second = (
        process(world.shop, world.company_id, world.user_id, "gastei 10 reais com gasolina", key="k1") for _ in "ab"
    )

    assert first == second
