"""The HTTP API of the stand-in: the provider's paths, and those by which tests control and inspect it."""

import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from infra.local.front_door.deliveries import Deliveries
from infra.local.front_door.payloads import CHANNEL_PHONE
from infra.local.front_door.provider import Answer, Instance, Provider, Sent
from infra.local.front_door.web import Headers, Request, Response, json_response, problem

_SENDS = {"/send/text": "text", "/send/media": "media", "/send/menu": "menu"}
# The head of an Ogg Opus file, enough as the file of a voice message.
_VOICE_FILE = "T2dnUwACAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAETT3B1c0hlYWQBATgBgLsAAAAAAA=="


class ProviderApi:
    """Routes `/provider/…`; everything under `/provider/uaz` requires an instance's token."""

    def __init__(self, provider: Provider, deliveries: Deliveries) -> None:
        self._provider = provider
        self._deliveries = deliveries
        self._calls: deque[dict[str, Any]] = deque(maxlen=1_000)

    def __call__(self, request: Request) -> Response:
        path = request.path.removeprefix("/provider")
        if path == "/uaz/instances" and request.method == "POST":
            return self._register(request)
        if path.startswith("/uaz/"):
            return self._uaz(request, path.removeprefix("/uaz"))
        return self._steer(request, path)

    def _steer(self, request: Request, path: str) -> Response:
        answers: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("GET", "/sent"): self._list_sent,
            ("GET", "/faults"): lambda _: self._list_faults(HTTPStatus.OK),
            ("POST", "/faults"): self._order_fault,
            ("DELETE", "/faults"): self._clear_faults,
            ("GET", "/webhooks"): lambda _: json_response([vars(one) for one in self._deliveries.outcomes()]),
            ("GET", "/calls"): lambda _: json_response(list(self._calls)),
        }
        answer = answers.get((request.method, path))
        if answer is None:
            return problem(HTTPStatus.NOT_FOUND, "not_found", "Esse caminho não existe no provedor simulado.")
        return answer(request)

    def _list_sent(self, request: Request) -> Response:
        return json_response([as_json(one) for one in self._provider.sent_to(request.query("phone"))])

    def _list_faults(self, status: HTTPStatus) -> Response:
        return json_response([vars(one) for one in self._provider.faults.waiting()], status)

    def _clear_faults(self, _: Request) -> Response:
        self._provider.faults.clear()
        return Response(HTTPStatus.NO_CONTENT)

    def _register(self, request: Request) -> Response:
        try:
            document = request.json()
            instance = _instance(document)
        except ValueError as wrong:
            return problem(HTTPStatus.BAD_REQUEST, "bad_instance", f"Instância inválida: {wrong}.")
        self._provider.register(instance)
        return json_response({"owner": instance.phone, "webhook_url": instance.webhook_url}, HTTPStatus.CREATED)

    def _order_fault(self, request: Request) -> Response:
        try:
            self._provider.faults.order(request.json())
        except ValueError as wrong:
            return problem(HTTPStatus.BAD_REQUEST, "bad_fault", f"Falha inválida: {wrong}.")
        return self._list_faults(HTTPStatus.CREATED)

    def _uaz(self, request: Request, path: str) -> Response:
        instance = self._provider.instance(request.headers.get("token"))
        if instance is None:
            return json_response({"error": "Invalid token"}, HTTPStatus.UNAUTHORIZED)
        if request.method != "POST":
            return json_response({"error": "Method not allowed"}, HTTPStatus.METHOD_NOT_ALLOWED)
        try:
            document = request.json()
        except ValueError:
            return json_response({"error": "Invalid payload"}, HTTPStatus.BAD_REQUEST)
        return _as_response(self._answer(instance, path, document))

    def _answer(self, instance: Instance, path: str, document: Mapping[str, Any]) -> Answer:
        if path in _SENDS:
            return self._provider.send(instance, _SENDS[path], _with_menu_text(document))
        if path == "/message/download":
            self._keep(path, document)
            return Answer(200, {"fileURL": "", "mimetype": "audio/ogg", "base64Data": _VOICE_FILE, "transcription": ""})
        if path in {"/message/presence", "/message/markread"}:
            self._keep(path, document)
            return Answer(200, {"response": "success"})
        return Answer(404, {"error": "Not Found"})

    def _keep(self, path: str, document: Mapping[str, Any]) -> None:
        self._calls.append({"path": path, "body": dict(document)})


def as_json(sent: Sent) -> dict[str, Any]:
    """A stored message as `GET /provider/sent` shows it."""
    return {
        "phone": sent.phone,
        "text": sent.text,
        "at": iso(sent.at),
        "messageid": sent.messageid,
        "track_id": sent.track_id,
        "kind": sent.kind,
    }


def iso(at: datetime) -> str:
    """UTC with milliseconds, as JavaScript reads it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _instance(document: Mapping[str, Any]) -> Instance:
    token, url = document.get("token"), document.get("webhook_url")
    if not isinstance(token, str) or not token:
        raise ValueError("token is required")
    if url is not None and not str(url).startswith(("http://", "https://")):
        raise ValueError("webhook_url must be an http address")
    return Instance(token, url, str(document.get("owner") or CHANNEL_PHONE), document.get("signing_secret"))


def _with_menu_text(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A phone shows the choices of a menu below its text."""
    choices = document.get("choices")
    if not isinstance(choices, list) or not choices:
        return document
    lines = [f"• {str(choice).partition('|')[0]}" for choice in choices]
    return {**document, "text": "\n".join([str(document.get("text") or ""), *lines])}


def _as_response(answer: Answer) -> Response:
    body = json.dumps(answer.document, ensure_ascii=False).encode()
    headers: Headers = (("Content-Type", "application/json"),)
    if answer.retry_after is not None:
        headers = (*headers, ("Retry-After", str(answer.retry_after)))
    return Response(answer.status, body, headers, hang_up=answer.hang_up)
