"""The provider stand-in over real sockets: what `send_outbound` and the demo meet."""

import json
from http.client import RemoteDisconnected
from typing import Any

import pytest

from tests.integration.local.rig import TOKEN, Door

HEADERS = {"token": TOKEN, "Content-Type": "application/json"}
PHONE = "5511987654321"


def send(door: Door, text: str = "Anotado!", **more: Any) -> Any:
    document = {"number": PHONE, "text": text, "track_id": "01990000-track", **more}
    return door.json("POST", "/provider/uaz/send/text", document, HEADERS)


def sent(door: Door, phone: str = PHONE) -> Any:
    return door.json("GET", f"/provider/sent?phone={phone}")[1]


@pytest.mark.parametrize("headers", [{}, {"token": "wrong"}])
def test_a_send_without_the_instance_token_is_401(door: Door, headers: dict[str, str]) -> None:
    assert door.json("POST", "/provider/uaz/send/text", {"number": PHONE, "text": "oi"}, headers)[0] == 401
    assert sent(door) == []


def test_what_was_sent_is_listed_oldest_first_for_old_and_new_forms_of_a_number(door: Door) -> None:
    ids = [send(door, text)[1]["messageid"] for text in ("um", "dois")]
    for phone in (PHONE, "551187654321", "%2B5511987654321"):
        listed = sent(door, phone)
        assert [one["text"] for one in listed] == ["um", "dois"]
        assert [one["messageid"] for one in listed] == ids
        assert {one["track_id"] for one in listed} == {"01990000-track"}
    assert sent(door, "5511900000000") == []


def test_echo_and_statuses_come_back_to_the_webhook_through_the_front_door(door: Door) -> None:
    messageid = send(door)[1]["messageid"]
    webhooks = [json.loads(one.body) for one in door.emulator.wait_for(3)]
    echoes = [one["message"] for one in webhooks if one["EventType"] == "messages"]
    states = {one["state"]: one["event"]["MessageIDs"] for one in webhooks if one["EventType"] == "messages_update"}
    assert [(one["fromMe"], one["wasSentByApi"], one["track_id"]) for one in echoes] == [(True, True, "01990000-track")]
    assert states == {"Delivered": [messageid], "Read": [messageid]}
    assert {one["token"] for one in webhooks} == {TOKEN}


def test_a_dropped_send_closes_the_connection_and_its_message_arrived(door: Door) -> None:
    door.json("POST", "/provider/faults", {"kind": "drop_after_accept", "count": 1})
    with pytest.raises(RemoteDisconnected):
        send(door)
    assert [one["text"] for one in sent(door)] == ["Anotado!"]


def test_ordered_faults_are_met_listed_and_cleared(door: Door) -> None:
    status, waiting = door.json("POST", "/provider/faults", {"kind": "reject429", "count": 2, "phone": PHONE})
    assert (status, len(waiting)) == (201, 2)
    assert send(door)[0] == 429
    assert door.json("DELETE", "/provider/faults")[0] == 204
    assert send(door)[0] == 200


def test_an_unknown_fault_is_a_400_problem(door: Door) -> None:
    assert door.json("POST", "/provider/faults", {"kind": "explode"})[1]["code"] == "bad_fault"


def test_a_registered_instance_sends_and_gets_its_webhooks_at_its_own_address(door: Door) -> None:
    url = f"http://127.0.0.1:{door.port}/v1/whatsapp/webhooks/uaz/other"
    instance = {"token": "other-token", "webhook_url": url, "owner": "+5511933334444", "signing_secret": "s3cret"}
    assert door.json("POST", "/provider/uaz/instances", instance)[0] == 201
    document = {"number": PHONE, "text": "oi"}
    assert door.json("POST", "/provider/uaz/send/text", document, {"token": "other-token"})[0] == 200
    webhooks = door.emulator.wait_for(3)
    assert {one.path.rpartition("/")[2] for one in webhooks} == {"other"}
    assert all(one.headers["x-uaz-signature"].startswith("sha256=") for one in webhooks)


def test_a_menu_shows_its_choices_and_media_its_caption(door: Door) -> None:
    menu = {"number": PHONE, "type": "list", "text": "Escolha", "choices": ["Sim|yes", "Não|no"]}
    door.json("POST", "/provider/uaz/send/menu", menu, HEADERS)
    media = {"number": PHONE, "type": "image", "file": "data:,", "text": "foto"}
    door.json("POST", "/provider/uaz/send/media", media, HEADERS)
    assert [(one["kind"], one["text"]) for one in sent(door)] == [("menu", "Escolha\n• Sim\n• Não"), ("media", "foto")]


@pytest.mark.parametrize("path", ["message/presence", "message/markread", "message/download"])
def test_the_other_calls_are_answered_and_kept(door: Door, path: str) -> None:
    assert door.json("POST", f"/provider/uaz/{path}", {"id": "3EB0A"}, HEADERS)[0] == 200
    assert door.json("GET", "/provider/calls")[1][-1] == {"path": f"/{path}", "body": {"id": "3EB0A"}}


def test_nonsense_is_400_and_an_unknown_path_404(door: Door) -> None:
    assert door.ask("POST", "/provider/uaz/send/text", b"[1", HEADERS)[0].status == 400
    assert door.ask("POST", "/provider/uaz/send/fax", b"{}", HEADERS)[0].status == 404
