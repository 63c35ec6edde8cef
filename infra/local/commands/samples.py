"""Sample events of events/, made to fit the running stack: its channel, its people's sign-in, the present."""

import json
import re
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from infra.local.console import Refused

_MESSAGE_TIME = re.compile(r'(messageTimestamp\\?": )\d{13}')
_AUTHORIZATION = re.compile(r"Bearer (?:<[^>]*>|token-de-exemplo)")


def sample_event(path: Path, stack: Mapping[str, Any]) -> Any:
    """The event in `path` with its example keys, tokens and times replaced. Raises `Refused` when it is not JSON."""
    try:
        text = path.read_text()
        json.loads(text)
    except FileNotFoundError:
        raise Refused(f"there is no {path}") from None
    except ValueError as broken:
        raise Refused(f"{path} is not JSON: {broken}") from None
    return json.loads(fitted(text, stack, access_token=lambda: _access_token(stack)))


def fitted(text: str, stack: Mapping[str, Any], *, access_token: Callable[[], str]) -> str:
    """`text` for this stack. `access_token` is only asked when the event signs in with one."""
    demo = stack["demo"]
    if _AUTHORIZATION.search(text):
        text = _AUTHORIZATION.sub(f"Bearer {access_token()}", text)
    text = text.replace("chave-de-exemplo", demo["channel_key"]).replace("token-de-exemplo", demo["instance_token"])
    text = text.replace("dono@padariadochefe.com.br", demo["admin"]["email"])
    text = text.replace("uma-senha-bem-comprida", demo["admin"]["password"])
    # Messages older than the channel's window are history, and not answered.
    return _MESSAGE_TIME.sub(rf"\g<1>{int(time.time() * 1000)}", text)


def _access_token(stack: Mapping[str, Any]) -> str:
    request = urllib.request.Request(
        f"{stack['front_door']}/v1/auth/login",
        json.dumps(stack["demo"]["admin"]).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.loads(answer.read())["tokens"]["access_token"])
