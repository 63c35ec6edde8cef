"""The provider stand-in, without any socket."""

from typing import Any

import pytest

from infra.local.front_door.deliveries import Delivery
from infra.local.front_door.provider import Instance, Pace, Provider
from infra.local.front_door.stack import EMPTY, Stack, parse_stack

PHONE = "5511987654321"
INSTANCE = Instance("t0k3n", "http://127.0.0.1:9/hook")


class Scheduled:
    """Keeps deliveries instead of posting them."""

    def __init__(self) -> None:
        self.kept: list[tuple[float, Delivery]] = []
        self.slept: list[float] = []

    def after(self, seconds: float, delivery: Delivery) -> None:
        self.kept.append((seconds, delivery))

    @property
    def payloads(self) -> list[dict[str, Any]]:
        return [dict(delivery.payload) for _, delivery in self.kept]


def make_provider(scheduled: Scheduled, stack: Stack = EMPTY) -> Provider:
    return Provider(lambda: stack, scheduled.after, Pace(0.1, 0.2, 0.3), scheduled.slept.append)


def send(provider: Provider, text: str = "oi", phone: str = PHONE, track_id: str = "track-1") -> Any:
    return provider.send(INSTANCE, "text", {"number": phone, "text": text, "track_id": track_id})


def test_a_send_is_kept_and_answered_with_its_id_and_track_id() -> None:
    provider = make_provider(Scheduled())
    answer = send(provider)
    (kept,) = provider.sent_to("+55 11 98765-4321")
    assert answer.status == 200
    assert answer.document["messageid"] == kept.messageid
    assert answer.document["track_id"] == kept.track_id == "track-1"
    assert (kept.phone, kept.text, kept.kind) == ("+5511987654321", "oi", "text")


def test_a_send_is_reported_as_echo_then_delivered_then_read() -> None:
    scheduled = Scheduled()
    provider = make_provider(scheduled)
    messageid = send(provider).document["messageid"]
    echo, delivered, read = scheduled.payloads
    assert [seconds for seconds, _ in scheduled.kept] == [0.1, 0.2, 0.3]
    assert (echo["message"]["fromMe"], echo["message"]["wasSentByApi"]) == (True, True)
    assert (echo["message"]["track_id"], echo["message"]["messageid"]) == ("track-1", messageid)
    assert (delivered["state"], read["state"]) == ("Delivered", "Read")
    assert delivered["event"]["MessageIDs"] == read["event"]["MessageIDs"] == [messageid]
    assert {one["token"] for one in scheduled.payloads} == {"t0k3n"}


def test_an_instance_without_a_webhook_address_reports_nothing() -> None:
    scheduled = Scheduled()
    make_provider(scheduled).send(Instance("t0k3n", None), "text", {"number": PHONE, "text": "oi"})
    assert scheduled.kept == []


def test_braces_are_expanded_into_contact_data() -> None:
    provider = make_provider(Scheduled())
    send(provider, "Olá {{name}}, seu CPF é {{ lead_personalid }}{{nothing}}!")
    assert provider.sent_to(PHONE)[0].text == "Olá Contato 4321, seu CPF é 123.456.789-09!"


@pytest.mark.parametrize("document", [{}, {"number": PHONE}, {"text": "oi"}, {"number": "123", "text": "oi"}])
def test_a_send_without_a_number_or_a_text_is_refused(document: dict[str, str]) -> None:
    provider = make_provider(Scheduled())
    assert provider.send(INSTANCE, "text", document).status == 400
    assert provider.sent_to(None) == []


@pytest.mark.parametrize(("kind", "status"), [("fail500", 500), ("reject429", 429), ("blocked", 500)])
def test_a_refusing_fault_keeps_nothing_and_is_used_up(kind: str, status: int) -> None:
    provider = make_provider(Scheduled())
    provider.faults.order({"kind": kind, "count": 2})
    assert [send(provider).status for _ in range(3)] == [status, status, 200]
    assert len(provider.sent_to(PHONE)) == 1


def test_a_rejection_says_when_to_come_back_if_it_was_told_to() -> None:
    provider = make_provider(Scheduled())
    provider.faults.order({"kind": "reject429", "count": 1, "seconds": 2.5})
    provider.faults.order({"kind": "reject429", "count": 1})
    assert [send(provider).retry_after for _ in range(2)] == [3, None]


def test_a_block_names_whatsapp_as_its_source() -> None:
    provider = make_provider(Scheduled())
    provider.faults.order({"kind": "blocked", "count": 1})
    assert send(provider).document["error_source"] == "whatsapp_server"


def test_a_dropped_send_is_kept_and_reported_but_never_answered() -> None:
    scheduled = Scheduled()
    provider = make_provider(scheduled)
    provider.faults.order({"kind": "drop_after_accept", "count": 1})
    assert send(provider).hang_up
    assert len(provider.sent_to(PHONE)) == 1
    assert scheduled.payloads[0]["message"]["track_id"] == "track-1"


def test_a_stall_accepts_and_answers_late() -> None:
    scheduled = Scheduled()
    provider = make_provider(scheduled)
    provider.faults.order({"kind": "stall", "count": 1, "seconds": 12})
    assert send(provider).status == 200
    assert scheduled.slept == [12.0]


def test_a_fault_for_one_phone_leaves_the_others_alone() -> None:
    provider = make_provider(Scheduled())
    provider.faults.order({"kind": "fail500", "count": 1, "phone": "+55 11 8765-4321"})
    assert send(provider, phone="5521999990000").status == 200
    assert send(provider).status == 500


def test_cleared_faults_are_met_by_nobody() -> None:
    provider = make_provider(Scheduled())
    provider.faults.order({"kind": "fail500", "count": 5})
    provider.faults.clear()
    assert send(provider).status == 200


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"kind": "explode"},
        {"kind": "stall", "seconds": -1},
        {"kind": "fail500", "count": 0},
        {"kind": "fail500", "count": True},
    ],
)
def test_an_unknown_fault_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        make_provider(Scheduled()).faults.order(document)


def test_the_instance_of_the_demo_company_is_known_and_others_are_registered() -> None:
    demo = {
        "company_id": "0199",
        "owner_phone": "+5511987654321",
        "channel_key": "key",
        "webhook_url": "http://127.0.0.1:9/hook",
        "instance_token": "demo-token",
    }
    provider = make_provider(Scheduled(), parse_stack({"apis": {}, "demo": demo}))
    assert provider.instance("demo-token") is not None
    assert provider.instance("other") is None
    assert provider.instance(None) is None
    provider.register(Instance("other", None))
    assert provider.instance("other") == Instance("other", None)
