"""The webhook with malformed input, wrong credentials, floods and outages: SPEC's responses, never a 500, no leaks."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from falachefe.app import runtime
from falachefe.aws.clients import client, quick_client
from falachefe.aws.tables import Table
from falachefe.kernel.clock import FixedClock, SystemClock
from falachefe.kernel.ids import new_id
from falachefe.messaging.channels.directory import channel_item
from functions.whatsapp import webhook_uaz
from infra.local.front_door.payloads import webhook_payload
from tests.tables import create_table

KEY, SIGNED_KEY, FLOODED_KEY = "chave-do-canal-1", "chave-do-canal-2", "chave-do-canal-3"
TOKEN, SIGNING = "token-da-instancia-9f3", "segredo-de-assinatura"
PHONE = "+5511987654321"
SECRET_NAME = "falachefe/test/channel/2"
Response = dict[str, Any]


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        runtime.forget()
        webhook_uaz.webhook.cache_clear()
        patch.setenv("AWS_REGION", "sa-east-1")
        patch.setenv("CHANNELS_TABLE", "channels")
        patch.setenv("LIMITS_TABLE", "limits")
        for name in ("channels", "limits"):
            create_table(client("dynamodb"), name)
        client("secretsmanager").create_secret(
            Name=SECRET_NAME, SecretString=json.dumps({"instance_token": TOKEN, "signing_secret": SIGNING})
        )
        channels = Table(client("dynamodb"), "channels")
        for key, signed in ((KEY, False), (SIGNED_KEY, True), (FLOODED_KEY, False)):
            channels.put(
                channel_item(
                    key,
                    company_id=new_id(),
                    channel_id=new_id(),
                    provider="uaz",
                    token=TOKEN,
                    secret_name=SECRET_NAME,
                    signed=signed,
                )
            )
        queue = client("sqs").create_queue(QueueName="inbound.fifo", Attributes={"FifoQueue": "true"})
        patch.setenv("INBOUND_QUEUE_URL", queue["QueueUrl"])
        yield
        runtime.forget()
        webhook_uaz.webhook.cache_clear()


@pytest.fixture
def hook(aws: None) -> None:
    """A webhook whose runtime is fresh and whose queue is empty."""
    webhook_uaz.webhook.cache_clear()
    queued()


def queued() -> list[dict[str, Any]]:
    taken = []
    while True:
        answer = client("sqs").receive_message(
            QueueUrl=runtime.queue_url("inbound"), MaxNumberOfMessages=10, AttributeNames=["All"]
        )
        for message in answer.get("Messages", ()):
            taken.append(json.loads(message["Body"]))
            client("sqs").delete_message(QueueUrl=runtime.queue_url("inbound"), ReceiptHandle=message["ReceiptHandle"])
        if not answer.get("Messages"):
            return taken


def post(body: Any, *, key: str = KEY, encoded: bool = False, headers: dict[str, str] | None = None) -> Response:
    if isinstance(body, bytes):
        body = base64.b64encode(body).decode()
        encoded = True
    event = {
        "path": f"/webhooks/uaz/{key}",
        "httpMethod": "POST",
        "pathParameters": {"channel_key": key},
        "headers": headers or {},
        "requestContext": {"requestId": "r-1"},
        "body": body if isinstance(body, str) or body is None else json.dumps(body),
        "isBase64Encoded": encoded,
    }
    return webhook_uaz.handler(event, None)


def text_message(said: str = "gastei 150 de gasolina hoje", phone: str = PHONE, **more: Any) -> dict[str, Any]:
    return webhook_payload("text", phone, said, token=TOKEN, **more)


def changed(**message: Any) -> dict[str, Any]:
    payload = text_message(phone=fresh_phone())
    payload["message"].update(message)
    return payload


def fresh_phone() -> str:
    return f"+55119{new_id().int % 10**8:08d}"


def test_a_message_is_queued_without_its_token(hook: None) -> None:
    assert post(text_message(message_id="3EB0X"))["statusCode"] == 200
    (queue_message,) = queued()
    assert queue_message["kind"] == "message"
    assert queue_message["phone"] == PHONE
    assert queue_message["message"]["text"] == "gastei 150 de gasolina hoje"
    assert TOKEN not in json.dumps(queue_message)


def test_a_wrong_key_is_not_found_and_a_wrong_token_is_unauthenticated(hook: None) -> None:
    assert post(text_message(), key="outra-chave-qualquer")["statusCode"] == 404
    assert post(text_message(), key="")["statusCode"] == 404
    assert post(text_message(), key="../../etc")["statusCode"] == 404
    for token in ("", "wrong", None, 7, [TOKEN], {"a": 1}, "ç", "\ud800"):
        assert post(text_message() | {"token": token})["statusCode"] == 401
    without = text_message()
    del without["token"]
    assert post(without)["statusCode"] == 401


def test_a_channel_with_signatures_requires_one_over_the_exact_bytes(hook: None) -> None:
    body = json.dumps(text_message(phone=fresh_phone()), ensure_ascii=False).encode()
    good = hmac.new(SIGNING.encode(), body, hashlib.sha256).hexdigest()
    for value in (good, f"sha256={good}", good.upper()):
        assert post(body, key=SIGNED_KEY, headers={"X-Uaz-Signature": value})["statusCode"] == 200
    for value in ("", "sha256=", good[:-1], "ção", f"sha1={good}"):
        assert post(body, key=SIGNED_KEY, headers={"X-Uaz-Signature": value})["statusCode"] == 401
    assert post(body + b" ", key=SIGNED_KEY, headers={"X-Uaz-Signature": good})["statusCode"] == 401
    assert post(body, key=SIGNED_KEY)["statusCode"] == 401


DEEP = "[" * 100_000 + "]" * 100_000
MALFORMED = [
    "",
    "null",
    "7",
    '"text"',
    "[]",
    "{",
    "not json",
    "{'a': 1}",
    DEEP,
    '{"a": NaN}',
    "\ufeff\ufeff{}",
    "{}{}",
    "\ud800",
]


@pytest.mark.parametrize("body", [*MALFORMED, None, b"\xff\xfe", b"\x00"], ids=lambda body: repr(body)[:20])
def test_a_body_that_is_not_a_json_object_is_refused(hook: None, body: Any) -> None:
    assert post(body)["statusCode"] == 400
    assert queued() == []


def test_broken_base64_is_refused(hook: None) -> None:
    assert post("!!!", encoded=True)["statusCode"] == 400


def test_json_with_too_many_levels_is_refused(hook: None) -> None:
    nested: Any = "x"
    for _ in range(200):
        nested = {"a": nested}
    assert post(text_message() | {"chat": nested})["statusCode"] == 400


def test_a_body_that_is_too_large_is_refused(hook: None) -> None:
    large = text_message("x" * 300_000)
    assert post(large)["statusCode"] == 413
    assert post(json.dumps(large).encode())["statusCode"] == 413
    assert post("x" * 10_000_000)["statusCode"] == 413
    assert post("x" * 10_000_000, encoded=True)["statusCode"] == 413


@pytest.mark.parametrize(
    "message",
    [
        {"messageid": 7}, {"messageid": "", "id": ""}, {"messageid": "x" * 5_000}, {"chatid": ["a"]}, {"text": 5},
        {"text": {"a": 1}}, {"content": [1], "text": ""}, {"messageTimestamp": "ontem"}, {"messageTimestamp": True},
        {"messageTimestamp": -5}, {"messageTimestamp": 10**40}, {"messageTimestamp": 1e308}, {"fromMe": "maybe"},
        {"isGroup": 3}, {"sender_pn": {"user": 1}}, {"senderName": ["x"]}, {"buttonOrListid": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_field_of_a_wrong_type_is_refused_with_a_problem(hook: None, message: dict[str, Any]) -> None:
    answer = post(changed(**message))
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["code"] == "malformed_webhook"
    assert queued() == []


@pytest.mark.parametrize(
    "said",
    ["😀😀😀", "👨\u200d👩\u200d👧", "a" * 5_000, "\x00oi\x00", "oi\ud83d", "\u202eمرحبا", "\u0007bell"],
    ids=lambda said: ascii(said)[:20],
)
def test_unusual_texts_are_accepted_and_cleaned(hook: None, said: str) -> None:
    assert post(changed(text=said, content=said))["statusCode"] == 200
    (queue_message,) = queued()
    kept = queue_message["message"]["text"]
    assert "\x00" not in kept
    kept.encode()
    assert len(kept) >= len(said) - 2


@pytest.mark.parametrize("said", ["", "   ", "\x00", "\ud800"], ids=ascii)
def test_an_empty_text_is_not_queued(hook: None, said: str) -> None:
    assert post(changed(text=said, content=said))["statusCode"] == 200
    assert queued() == []


@pytest.mark.parametrize("kind", ["group", "unknown"])
def test_an_event_that_needs_no_reply_is_accepted_and_dropped(hook: None, kind: Any) -> None:
    assert post(webhook_payload(kind, PHONE, "oi", token=TOKEN))["statusCode"] == 200
    assert queued() == []


def test_a_message_from_the_history_is_queued_as_unread_without_its_text(hook: None) -> None:
    assert post(webhook_payload("history", PHONE, "gastei 150", token=TOKEN))["statusCode"] == 200
    (queue_message,) = queued()
    assert (queue_message["kind"], queue_message["phone"], queue_message["message"]["reason"]) == (
        "unread",
        PHONE,
        "history",
    )
    assert "gastei" not in json.dumps(queue_message)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["EventType", "message", "event", "instance", "chat", "state", "type", "owner", "BaseUrl"]
MESSAGE_FIELDS = sorted(text_message()["message"])


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    envelope=st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=3),
    message=st.dictionaries(st.sampled_from(MESSAGE_FIELDS), json_values, max_size=4),
)
def test_no_payload_causes_a_500(hook: None, envelope: dict[str, Any], message: dict[str, Any]) -> None:
    payload = changed(**message) | envelope
    answer = post(payload)
    assert answer["statusCode"] in (200, 400, 413, 429)
    assert TOKEN not in answer["body"]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_no_bytes_cause_a_500(hook: None, body: bytes | str) -> None:
    assert post(body)["statusCode"] in (400, 401)


def test_a_phone_may_send_ten_messages_a_minute_and_redeliveries_do_not_count(hook: None) -> None:
    phone, now = fresh_phone(), SystemClock().now()
    payloads = [text_message(phone=phone, message_id=f"3EB0{number}", at=now) for number in range(11)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtime, "clock", lambda: FixedClock(now))
        webhook_uaz.webhook.cache_clear()
        for payload in payloads[:10] * 3:
            assert post(payload, key=FLOODED_KEY)["statusCode"] == 200
        refused = post(payloads[10], key=FLOODED_KEY)
        assert refused["statusCode"] == 429
        assert 0 < int(refused["headers"]["Retry-After"]) <= 120
        assert post(payloads[10], key=FLOODED_KEY)["statusCode"] == 429
        assert [one["message"]["reason"] for one in queued() if one["kind"] == "unread"] == ["burst"]
        assert post(payloads[3], key=FLOODED_KEY)["statusCode"] == 200
        later = FixedClock(now + timedelta(minutes=2))
        patch.setattr(runtime, "clock", lambda: later)
        webhook_uaz.webhook.cache_clear()
        assert post(payloads[10], key=FLOODED_KEY)["statusCode"] == 200
    webhook_uaz.webhook.cache_clear()


def test_a_repeated_delivery_is_queued_once(hook: None) -> None:
    payload = text_message(phone=fresh_phone())
    for _ in range(3):
        assert post(payload)["statusCode"] == 200
    assert len(queued()) == 1


class Calls:
    """Counts AWS calls, and can make a service fail."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.broken: set[str] = set()

    def __call__(self, model: Any, **_: Any) -> None:
        service = model.service_model.service_name
        self.made.append(f"{service}.{model.name}")
        if service in self.broken:
            raise EndpointConnectionError(endpoint_url=f"https://{service}.example")


@pytest.fixture
def calls(hook: None) -> Iterator[Calls]:
    watcher = Calls()
    clients = {"dynamodb": quick_client("dynamodb"), "sqs": client("sqs"), "secretsmanager": client("secretsmanager")}
    for service, made in clients.items():
        made.meta.events.register(f"before-call.{service}", watcher)
    yield watcher
    for service, made in clients.items():
        made.meta.events.unregister(f"before-call.{service}", watcher)


def test_a_warm_message_makes_two_calls(calls: Calls) -> None:
    phone = fresh_phone()
    post(text_message(phone=phone))
    calls.made.clear()
    post(text_message(phone=phone))
    # in parallel, so in any order; the company's messages are counted ten at a time
    assert sorted(calls.made) == ["dynamodb.UpdateItem", "sqs.SendMessage"]


def test_an_unknown_key_is_looked_up_once_and_then_remembered_for_a_while(calls: Calls) -> None:
    for _ in range(5):
        post(text_message(), key="chave-desconhecida")
    assert calls.made == ["dynamodb.GetItem"]
    for key in ("x", "a b c d e f g h i", "ção-ção-ção-ção"):
        post(text_message(), key=key)
    assert calls.made == ["dynamodb.GetItem"]


def test_a_wrong_token_causes_no_further_call(calls: Calls) -> None:
    post(text_message())
    calls.made.clear()
    post(text_message() | {"token": "wrong"})
    assert calls.made == []


def test_while_the_queue_is_down_the_provider_is_asked_to_retry(calls: Calls) -> None:
    calls.broken = {"sqs"}
    answer = post(text_message(phone=fresh_phone()))
    assert answer["statusCode"] == 503
    assert int(answer["headers"]["Retry-After"]) > 0


def test_while_dynamodb_is_down_a_cached_channel_still_works(calls: Calls) -> None:
    post(text_message(phone=fresh_phone()))
    queued()
    calls.broken = {"dynamodb"}
    assert post(text_message(phone=fresh_phone()))["statusCode"] == 200
    assert len(queued()) == 1
    assert post(text_message(), key="chave-nunca-vista")["statusCode"] == 200
    (kept,) = queued()
    assert kept["kind"] == "unverified"
    assert TOKEN not in json.dumps(kept)


def test_nothing_private_is_printed_or_answered(hook: None, capsys: pytest.CaptureFixture[str]) -> None:
    said = "canario-7d1f no texto"
    answers = [
        post(text_message(said, phone="+5511911112222", sender_name="Canária Silva")),
        post(text_message(said) | {"token": "canario-token"}),
        post(changed(text=said, messageTimestamp="canario")),
        post(json.dumps(text_message(said))[:-1]),
        post(text_message(said), key="canario-chave-secreta"),
        *[post(text_message(said, phone="+5511911112222")) for _ in range(12)],
    ]
    printed = "".join(capsys.readouterr()) + "".join(str(answer) for answer in answers)
    for canary in ("canario", "Canária", "11911112222", "1987654321", TOKEN, KEY):
        assert canary not in printed


def test_errors_are_problem_documents_in_portuguese(hook: None) -> None:
    answer = post("{")
    document = json.loads(answer["body"])
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert document["status"] == 400
    assert document["code"] == "malformed_json"
    assert "JSON" in document["detail"]
    assert document["request_id"] == "r-1"
