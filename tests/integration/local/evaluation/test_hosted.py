"""`make eval` with a hosted model: the provider's own client against a server that speaks chat completions."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.local.evaluate import main
from infra.local.standins.openai import Answer, StandIn, call, fail, say, standing_in

NOW = "2026-11-23T09:00:00-03:00"
EXPENSE = {"amount": "50.00", "description": "gasolina", "category": "combustivel", "date": "2026-11-23"}
CASE = {
    "id": "one",
    "kind": "expense",
    "text": "gastei 50 de gasolina",
    "now": NOW,
    "expect": {"agent": "financial", "tool": "add_expense", "args": {"amount": "50"}},
}


@pytest.fixture(autouse=True)
def requests_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The only server that is asked is the stand-in on this machine."""
    monkeypatch.setattr("pydantic_ai.models.ALLOW_MODEL_REQUESTS", True)


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(json.dumps(CASE | {"id": str(number)}) for number in range(3)))
    return file


def scripted(request: dict[str, Any]) -> Answer:
    return say("Anotado.") if request["messages"][-1]["role"] == "tool" else call(("a", "add_expense", EXPENSE))


def measure(cases: Path, server: StandIn, *more: str) -> int:
    options = ["--model", "acme/small", "--base-url", server.base_url, "--price-in", "1", "--price-out", "2", *more]
    return main([str(cases), *options], {"API_KEY": "sk-test"})


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return answer


def test_accuracy_stands_beside_tokens_cost_and_time(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with standing_in(scripted) as server:
        assert measure(cases, server, "--max-cost", "1") == 0

    result = printed(capsys)
    used = result["usage"]
    assert (result["model"], result["tool_accuracy"], result["args_accuracy"]) == ("acme/small", 1.0, 1.0)
    # Two requests a message, each of 120 tokens sent and 30 received.
    assert (used["messages"], used["input_tokens"], used["output_tokens"]) == (3, 720, 180)
    assert used["cost_usd"] == used["spent_usd"] == pytest.approx(0.00108)
    assert used["seconds_per_message"] > 0
    assert (used["degraded"], used["stopped"]) == (0, False)
    assert set(server.keys) == {"sk-test"}


def test_no_request_is_sent_that_might_pass_the_limit(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with standing_in(scripted) as server:
        assert measure(cases, server, "--max-cost", "0.000001") == 3

    assert server.requests == []
    assert printed(capsys)["usage"]["stopped"] is True


def test_a_run_stops_between_messages_and_counts_those_before(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with standing_in(lambda request: Answer(scripted(request).message, usage=(3_000, 100))) as server:
        assert measure(cases, server, "--max-cost", "0.025") == 3

    result = printed(capsys)
    assert 0 < result["n"] < 3
    assert result["usage"]["spent_usd"] <= 0.025


def test_answers_of_the_offline_engine_are_counted_as_such(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with standing_in(lambda _: fail(500)) as server:
        assert measure(cases, server, "--max-cost", "1") == 0

    used = printed(capsys)["usage"]
    assert used["degraded"] == 3
    assert "500" in used["last_error"]
    assert used["cost_usd"] == 0
    assert used["spent_usd"] > 0, "a failed request may have been charged"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--model", "acme/small", "--max-cost", "1"], "no list price"),
        (["--model", "acme/small", "--max-cost", "1", "--price-in", "1"], "come together"),
        (["--model", "gpt-5-mini"], "MAX_COST"),
    ],
    ids=["no_price", "one_price", "no_limit"],
)
def test_a_run_without_a_price_or_a_limit_is_refused(
    cases: Path, options: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(cases), *options], {}) == 2
    assert problem in capsys.readouterr().err


def test_the_stand_in_decides_like_the_offline_engine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = {"gastei 50 de gasolina": "add_expense", "o João faltou hoje": "register_absence", "bom dia": "greet"}
    file = tmp_path / "cases.jsonl"
    lines = [{"id": text, "text": text, "now": NOW, "expect": {"tool": tool}} for text, tool in texts.items()]
    file.write_text("\n".join(json.dumps(line) for line in lines))

    with standing_in() as server:
        assert measure(file, server, "--max-cost", "1") == 0

    result = printed(capsys)
    assert (result["tool_accuracy"], result["usage"]["degraded"]) == (1.0, 0)
