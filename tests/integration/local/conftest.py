"""A front door on a free port, with a stand-in where the deployed APIs would be."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.front_door.app import FrontDoor
from infra.local.front_door.provider import Pace
from infra.local.front_door.stack import StackFile
from infra.local.front_door.web import Response
from tests.integration.local.rig import TOKEN, Door, Emulator, serving


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    emulator = Emulator([], Response(200, b"{}", (("Content-Type", "application/json"),)), threading.Condition())
    upstream = serving(emulator)
    stack_path = tmp_path / "stack.json"
    front_door = FrontDoor(StackFile(stack_path), Pace(0.0, 0.01, 0.02))
    server = serving(front_door)
    write_stack(stack_path, upstream.server_port, server.server_port)
    yield Door(server.server_port, emulator, stack_path)
    for one in (server, upstream):
        one.shutdown()
        one.server_close()
    front_door.close()


def write_stack(path: Path, upstream_port: int, door_port: int) -> None:
    demo = {
        "company_id": "01990000-0000-7000-8000-000000000001",
        "company_name": "Padaria do Zé",
        "owner_phone": "+5511987654321",
        "channel_key": "k3y",
        "webhook_url": f"http://127.0.0.1:{door_port}/v1/whatsapp/webhooks/uaz/k3y",
        "instance_token": TOKEN,
    }
    apis = {"whatsapp": f"http://127.0.0.1:{upstream_port}/_aws/execute-api/abc/v1"}
    path.write_text(json.dumps({"apis": apis, "demo": demo}))
