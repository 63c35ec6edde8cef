"""What a company set for itself holds in its conversations."""

from datetime import timedelta
from typing import Any

import pytest

from falachefe.kernel.ids import new_id
from tests.integration.messaging.conftest import OWNER_PHONE, Shop


def takes_over(shop: Shop) -> None:
    answer: dict[str, Any] = {
        "provider_message_id": f"3EB0{new_id().hex[:18].upper()}",
        "kind": "text",
        "text": "Oi, aqui é a Ana.",
    }
    assert shop.inbound()(shop.queue_message("takeover", OWNER_PHONE, answer)) == "human"


@pytest.mark.parametrize(("settings", "minutes"), [("{}", 60), ('{"takeover_minutes": 15}', 15)])
def test_after_a_person_took_over_the_crew_stays_silent_as_long_as_the_company_wants(
    open_shop: Shop, settings: str, minutes: int
) -> None:
    open_shop.rows(f"update companies set settings = '{settings}' returning id")
    open_shop.hears(OWNER_PHONE, "oi")
    open_shop.finish_turns()
    takes_over(open_shop)

    [talk] = open_shop.rows("select human_until from conversations")
    assert talk.human_until == open_shop.clock.now() + timedelta(minutes=minutes)
    assert open_shop.hears(OWNER_PHONE, "gastei 150 de gasolina hoje") == "human"
    open_shop.later(minutes=minutes)
    assert open_shop.hears(OWNER_PHONE, "gastei 20 de leite hoje") == "open"
