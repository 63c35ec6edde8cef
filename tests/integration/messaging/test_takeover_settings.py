"""The company's setting for the length of a takeover."""

from datetime import timedelta
from typing import Any

import pytest

from falachefe.kernel.ids import new_id
from tests.integration.messaging.conftest import OWNER_PHONE, WhatsAppHarness


def take_over(whatsapp: WhatsAppHarness) -> None:
    answer: dict[str, Any] = {
        "provider_message_id": f"3EB0{new_id().hex[:18].upper()}",
        "kind": "text",
        "text": "Oi, aqui é a Ana.",
    }
    assert whatsapp.inbound()(whatsapp.queue_message("takeover", OWNER_PHONE, answer)) == "human"


@pytest.mark.parametrize(("settings", "minutes"), [("{}", 60), ('{"takeover_minutes": 15}', 15)])
def test_a_takeover_silences_the_crew_for_the_companys_set_time(
    signed_in: WhatsAppHarness, settings: str, minutes: int
) -> None:
    signed_in.rows(f"update companies set settings = '{settings}' returning id")
    signed_in.receive(OWNER_PHONE, "oi")
    signed_in.finish_turns()
    take_over(signed_in)

    [conversation] = signed_in.rows("select human_until from conversations")
    assert conversation.human_until == signed_in.clock.now() + timedelta(minutes=minutes)
    assert signed_in.receive(OWNER_PHONE, "gastei 150 de gasolina hoje") == "human"
    signed_in.advance(minutes=minutes)
    assert signed_in.receive(OWNER_PHONE, "gastei 20 de leite hoje") == "open"
