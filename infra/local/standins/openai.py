"""A stand-in for OpenAI's chat completions, to run the provider's own code without a network.

    python -m infra.local.standins.openai 8181

With `openai_base_url` in the model secret set to what it prints, and any `openai_api_key`, a crew goes the whole way of
a provider. It decides with the offline engine: it reads the texts and the tools out of the request, as a model would.
Tests give it a script instead.
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

_DOMAIN = Path(__file__).resolve().parents[3] / "layers" / "domain" / "python"
if str(_DOMAIN) not in sys.path:
    sys.path.insert(0, str(_DOMAIN))

from falachefe.language.engine import decide
from falachefe.language.types import (
    TOOLS,
    Ask,
    CallTools,
    Handoff,
    Role,
    Say,
    Situation,
)

CONTEXT: Final = "CONTEXT"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the stand-in sends: a message of the assistant, or a failure."""

    message: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    finish_reason: str = "stop"
    delay_s: float = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    usage: tuple[int, int] = (120, 30)
    """Prompt and completion tokens."""


type Responder = Callable[[dict[str, Any]], Answer]


def say(text: str) -> Answer:
    return Answer({"role": "assistant", "content": text})


def call(*calls: tuple[str, str, Any]) -> Answer:
    """Tool calls as (id, name, arguments); arguments are JSON-encoded unless they are text already."""
    made = [
        {"id": call_id, "type": "function", "function": {"name": name, "arguments": _encoded(arguments)}}
        for call_id, name, arguments in calls
    ]
    return Answer({"role": "assistant", "content": None, "tool_calls": made}, finish_reason="tool_calls")


def fail(status: int, **headers: str) -> Answer:
    return Answer(status=status, headers=headers)


def _encoded(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def decided(request: dict[str, Any]) -> Answer:
    """What the offline engine makes of a request. After tools have run, their messages are the answer."""
    messages: list[dict[str, Any]] = request["messages"]
    if messages[-1]["role"] == "tool":
        done = [json.loads(m["content"]) for m in _since_last_user(messages)]
        # A call that was refused has an error in the place of a message.
        return say("\n".join(result.get("message") or result.get("error") or "" for result in done))
    context = next(m["content"] for m in messages if m["role"] == "user" and m["content"].startswith(CONTEXT))
    role = _role(request)
    text = str(messages[-1]["content"])
    decision = decide(role, text, Situation(now=_now(context), current_role=role))
    match decision:
        case CallTools(calls):
            return call(*((f"call_{len(messages)}_{n}", c.tool, c.args) for n, c in enumerate(calls)))
        case Handoff(to, reason):
            return call((f"call_{len(messages)}", "handoff", {"to": to, "reason": reason}))
        case Ask(question=question):
            return say(question)
        case Say(text=text):
            return say(text)


def _since_last_user(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    last = max(place for place, message in enumerate(messages) if message["role"] == "user")
    return [message for message in messages[last:] if message["role"] == "tool"]


def _role(request: dict[str, Any]) -> Role:
    """Of the agent that asks. Every agent has the reception's tools, which therefore tell only the reception."""
    owners = [TOOLS[name] for tool in request.get("tools", []) if (name := tool["function"]["name"]) in TOOLS]
    return next((role for role in owners if role != "orchestrator"), "orchestrator" if owners else "support")


def _now(context: str) -> datetime:
    return datetime.fromisoformat(json.loads(context[context.index("{") :])["now"])


def _body(request: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    if answer.status != 200:
        return {"error": {"message": f"scripted {answer.status}", "type": "scripted", "code": None, "param": None}}
    sent, received = answer.usage
    return {
        "id": "chatcmpl-standin",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": request.get("model", ""),
        "choices": [{"index": 0, "message": dict(answer.message), "finish_reason": answer.finish_reason}],
        "usage": {"prompt_tokens": sent, "completion_tokens": received, "total_tokens": sent + received},
    }


class StandIn(ThreadingHTTPServer):
    """Answers `POST /v1/chat/completions`; keeps the requests it got."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, respond: Responder, port: int = 0) -> None:
        self.respond = respond
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StandIn

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        request: dict[str, Any] = json.loads(self.rfile.read(length))
        if self.path != "/v1/chat/completions":
            self._send(404, {"error": {"message": "no such path"}}, {})
            return
        self.server.requests.append(request)
        self.server.keys.append(self.headers.get("Authorization", "").removeprefix("Bearer "))
        answer = self.server.respond(request)
        if answer.delay_s:
            threading.Event().wait(answer.delay_s)
        self._send(answer.status, _body(request, answer), answer.headers)

    def _send(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        payload = json.dumps(body).encode()
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)
        except ConnectionError:
            self.close_connection = True  # the caller has given up waiting

    def log_message(self, *_: Any) -> None:
        """Requests hold what people wrote: nothing is logged."""


@contextmanager
def standing_in(respond: Responder = decided, port: int = 0) -> Iterator[StandIn]:
    """A stand-in on a free port of this machine, in a thread of its own."""
    server = StandIn(respond, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def main(arguments: list[str]) -> int:
    port = int(arguments[0]) if arguments else 8181
    server = StandIn(decided, port)
    print(server.base_url, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
