"""boto3's own Bedrock client and pydantic-ai's provider code, against a stand-in of the Converse API."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import pytest
from pydantic_ai import models

from falachefe.crews.agents.model_chain import LlmConfig, ModelChain, Providers, ProviderSettings
from falachefe.crews.agents.run import DEGRADED_NOTE, Reply, run_agent
from tests.unit.crews.agents.support import EXPENSE, MemoryJournal, MemoryToolbox, ScriptedEngine, turn

SPENT = "gastei 150 de gasolina"
MODEL = "us.amazon.nova-lite-v1:0"
CALL = {"toolUse": {"toolUseId": "tooluse_a", "name": "add_expense", "input": EXPENSE}}


class Bedrock(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, Any]]] = []
        self.requests: list[tuple[str, dict[str, Any]]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def says(self, content: dict[str, Any], stop: str = "end_turn") -> None:
        message = {"role": "assistant", "content": [content]}
        usage = {"inputTokens": 200, "outputTokens": 20, "totalTokens": 220}
        body = {"output": {"message": message}, "stopReason": stop, "usage": usage, "metrics": {"latencyMs": 1}}
        self.answers.append((200, body))

    def fails(self, status: int, kind: str) -> None:
        self.answers.append((status, {"__type": kind, "message": "scripted"}))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Bedrock

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((unquote(self.path), request))
        status, body = self.server.answers.pop(0)
        payload = json.dumps(body).encode()
        self.send_response(status)
        if "__type" in body:
            self.send_header("x-amzn-ErrorType", body["__type"])
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def bedrock() -> Iterator[Bedrock]:
    server = Bedrock()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    with models.override_allow_model_requests(True):
        yield server
    server.shutdown()
    thread.join()
    server.server_close()


def chain(server: Bedrock) -> ModelChain:
    endpoint = f"http://127.0.0.1:{server.server_port}"
    settings = ProviderSettings(bedrock_region="us-east-1", bedrock_endpoint_url=endpoint)
    wanted = LlmConfig.model_validate({"provider": "bedrock", "model": MODEL})
    return ModelChain.of(wanted, Providers(settings, lambda _name: {}), ScriptedEngine())


def test_a_tool_call_goes_to_the_toolbox_and_its_result_back_to_the_model(bedrock: Bedrock) -> None:
    bedrock.says(CALL, "tool_use")
    bedrock.says({"text": "Anotado!"})
    toolbox = MemoryToolbox()

    reply = run_agent(turn(SPENT), MemoryJournal(), toolbox, chain(bedrock))

    assert isinstance(reply, Reply)
    assert (reply.text, reply.model, reply.degraded) == ("Anotado!", MODEL, False)
    assert toolbox.applied == [("add_expense", "tooluse_a", EXPENSE)]
    assert reply.usage == {"input": 400, "output": 40, "total": 440, "requests": 2}
    assert reply.cost_usd > 0
    path, first = bedrock.requests[0]
    assert path == f"/model/{MODEL}/converse"
    assert first["inferenceConfig"] == {"maxTokens": 800, "temperature": 0.2}
    assert "handoff" in [tool["toolSpec"]["name"] for tool in first["toolConfig"]["tools"]]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, "ThrottlingException"), (503, "ServiceUnavailableException"), (403, "AccessDeniedException")],
)
def test_a_failing_provider_is_called_once_and_then_answered_offline(bedrock: Bedrock, status: int, kind: str) -> None:
    bedrock.fails(status, kind)

    reply = run_agent(turn(SPENT), MemoryJournal(), MemoryToolbox(), chain(bedrock))

    assert isinstance(reply, Reply)
    assert reply.text == f"Feito: add_expense.\n\n{DEGRADED_NOTE}"
    assert len(bedrock.requests) == 1
