"""Sample events of the webhook as API Gateway hands them over; `python -m infra.local.front_door.events` writes them.

`make invoke` makes them fit the running stack (`infra.local.commands.samples`).
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.local.front_door.payloads import Kind, Payload, webhook_payload

FOLDER = Path("events/whatsapp")
CHANNEL_KEY = "chave-de-exemplo"
TOKEN = "token-de-exemplo"  # noqa: S105 - valid nowhere
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

_OWNER = "+5511987654321"
_SAMPLES: Mapping[str, tuple[Kind, str, Mapping[str, str]]] = {
    "text": ("text", "gastei 150 de gasolina hoje", {}),
    "extended_text": ("extended_text", "Quanto vendemos este mês? https://exemplo.com.br", {}),
    "button_reply": ("button_reply", "Sim", {"row_id": "approval:yes"}),
    "list_reply": ("list_reply", "Combustível", {"row_id": "category:combustivel"}),
    "voice": ("voice", "", {}),
    "group": ("group", "bom dia, grupo", {}),
    "from_me": ("from_me", "Oi, aqui é o João, respondo por ele.", {}),
    "echo": ("echo", "Anotado!", {"track_id": "019aaaaa-0000-7000-8000-000000000001"}),
    "history": ("history", "recebi 2 mil de vendas", {}),
    "status_delivered": ("status", "", {"state": "Delivered"}),
    "status_read": ("status", "", {"state": "Read"}),
    "connection": ("connection", "", {"state": "Disconnected"}),
    "unknown_event": ("unknown", "", {}),
}


def samples() -> dict[str, Payload]:
    """Every sample by the name of its file."""
    return {name: _event(_payload(name, *sample)) for name, sample in _SAMPLES.items()}


def _payload(name: str, kind: Kind, text: str, more: Mapping[str, str]) -> Payload:
    message_id = "3EB0" + name.encode().hex().upper().ljust(18, "0")[:18]
    options: dict[str, Any] = dict(more)
    return webhook_payload(kind, _OWNER, text, token=TOKEN, message_id=message_id, at=AT, sender_name="Ana", **options)


def _event(payload: Payload, channel_key: str = CHANNEL_KEY) -> Payload:
    path = f"/webhooks/uaz/{channel_key}"
    return {
        "resource": "/webhooks/uaz/{channel_key}",
        "path": path,
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json", "User-Agent": "uazapi"},
        "multiValueHeaders": {"Content-Type": ["application/json"], "User-Agent": ["uazapi"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"channel_key": channel_key},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": "/webhooks/uaz/{channel_key}",
            "httpMethod": "POST",
            "path": f"/v1{path}",
            "stage": "v1",
            "requestId": "00000000-0000-4000-8000-000000000000",
            "apiId": "local",
            "protocol": "HTTP/1.1",
            "identity": {"sourceIp": "127.0.0.1", "userAgent": "uazapi"},
        },
        "body": json.dumps(payload, ensure_ascii=False),
        "isBase64Encoded": False,
    }


def write_samples(folder: Path) -> None:
    """Writes every sample as a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, event in samples().items():
        (folder / f"{name}.json").write_text(json.dumps(event, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    write_samples(FOLDER)
