"""The front door over real sockets of this machine."""

import json
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse

import pytest

from infra.local.front_door.web import Response
from tests.integration.local.rig import Door


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_method_path_query_headers_and_bytes_reach_the_api_unchanged(door: Door, method: str) -> None:
    body = bytes(range(256))
    door.ask(
        method, "/v1/whatsapp/webhooks/uaz/k3y?a=1&b=%2F", body, {"X-Uaz-Signature": "sha256=00", "Content-Type": "x/y"}
    )
    (request,) = door.emulator.seen
    assert request.method == method
    assert request.target == "/_aws/execute-api/abc/v1/webhooks/uaz/k3y?a=1&b=%2F"
    assert (request.body, request.headers["X-Uaz-Signature"], request.headers["Content-Type"]) == (
        body,
        "sha256=00",
        "x/y",
    )


def test_status_headers_and_bytes_of_the_api_come_back_unchanged(door: Door) -> None:
    door.emulator.answer = Response(
        429, b"\x00\xff", (("Retry-After", "6"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    )
    response, body = door.ask("POST", "/v1/whatsapp/x", b"{}")
    assert (response.status, body, response.headers["Retry-After"]) == (429, b"\x00\xff", "6")
    assert response.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_a_body_of_twelve_megabytes_passes(door: Door) -> None:
    body = b"x" * (12 * 1024 * 1024)
    response, _ = door.ask("POST", "/v1/whatsapp/webhooks/uaz/k3y", body)
    assert response.status == 200
    assert len(door.emulator.seen[0].body) == len(body)


def test_a_chunked_body_arrives_whole(door: Door) -> None:
    connection = HTTPConnection("127.0.0.1", door.port, timeout=30)
    connection.request("POST", "/v1/whatsapp/x", iter([b"first ", b"second"]), encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()
    assert door.emulator.seen[0].body == b"first second"


def test_one_connection_serves_many_requests(door: Door) -> None:
    connection = HTTPConnection("127.0.0.1", door.port, timeout=30)
    answers: list[HTTPResponse] = []
    for _ in range(5):
        connection.request("POST", "/v1/whatsapp/x", b"{}")
        answers.append(connection.getresponse())
        answers[-1].read()
    connection.close()
    assert [one.status for one in answers] == [200] * 5


def test_many_requests_at_once_are_all_answered(door: Door) -> None:
    with ThreadPoolExecutor(32) as pool:
        statuses = list(pool.map(lambda _: door.ask("POST", "/v1/whatsapp/x", b"{}")[0].status, range(128)))
    assert statuses == [200] * 128
    assert len(door.emulator.seen) == 128


def test_a_head_answer_announces_its_length_and_has_no_body(door: Door) -> None:
    door.emulator.answer = Response(200, b"12345")
    response, body = door.ask("HEAD", "/v1/whatsapp/x")
    assert (response.headers["Content-Length"], body) == ("5", b"")


def test_an_unknown_domain_is_a_404_problem(door: Door) -> None:
    response, body = door.ask("GET", "/v1/nowhere/x")
    assert (response.status, response.headers["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(body)["code"] == "unknown_domain"


def test_an_emulator_that_is_down_is_a_502_problem(door: Door) -> None:
    stack = json.loads(door.stack_path.read_text())
    stack["apis"]["whatsapp"] = "http://127.0.0.1:9/gone/v1"
    door.stack_path.write_text(json.dumps(stack))
    status, problem = door.json("POST", "/v1/whatsapp/x", {})
    assert (status, problem["code"]) == (502, "emulator_unreachable")


def test_a_stack_that_is_not_up_is_a_502_problem(door: Door) -> None:
    door.stack_path.unlink()
    status, problem = door.json("POST", "/v1/whatsapp/x", {})
    assert (status, problem["code"]) == (502, "stack_not_running")


def test_a_message_of_the_simulator_reaches_the_webhook_in_the_providers_shape(door: Door) -> None:
    status, answer = door.json("POST", "/simulator/send", {"phone": "11 98765-4321", "text": "gastei 150"})
    (request,) = door.emulator.seen
    message = json.loads(request.body)["message"]
    assert (status, answer["webhook_status"], answer["messageid"]) == (200, 200, message["messageid"])
    assert (message["text"], message["sender_pn"]) == ("gastei 150", "5511987654321@s.whatsapp.net")
    _, conversation = door.json("GET", "/simulator/conversation?phone=%2B5511987654321")
    assert [one["text"] for one in conversation["messages"]] == ["gastei 150"]


@pytest.mark.parametrize("document", [{"phone": "12", "text": "oi"}, {"phone": "11987654321", "text": "  "}, {}])
def test_the_simulator_refuses_what_no_phone_could_send(door: Door, document: dict[str, str]) -> None:
    assert door.json("POST", "/simulator/send", document)[0] == 422


def test_the_simulator_page_names_no_other_host(door: Door) -> None:
    response, body = door.ask("GET", "/simulator")
    assert response.status == 200
    assert b"<!doctype html>" in body.lower()
    assert b"://" not in body


@pytest.mark.parametrize(
    "path", ["/simulator/page/../app.py", "/simulator/page/%2e%2e/app.py", "/simulator/page/nothing.js", "/x"]
)
def test_no_path_leads_to_other_files(door: Door, path: str) -> None:
    assert door.ask("GET", path)[0].status == 404
