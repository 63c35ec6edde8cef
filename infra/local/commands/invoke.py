"""`make invoke`: one function of the running stack under the real runtime interface, with a file of events/."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.local.commands.samples import sample_event
from infra.local.console import Refused, note
from infra.local.paths import ROOT
from infra.local.stack.artifacts import ARTIFACTS
from infra.local.standins.rie import runtime
from infra.local.templates.declared import AGENTS

if TYPE_CHECKING:
    from infra.local.stack.instance import Instance


def invoke(instance: "Instance", function: str, event_file: Path) -> int:
    """Prints the response, and the function's log to standard error. Returns 1 when the function failed."""
    config = _configuration(instance, function)
    event = sample_event(event_file, json.loads(instance.stack_file.read_text()))
    environment = config["Environment"]["Variables"] | instance.emulator.environment()
    environment |= {
        "AWS_LAMBDA_FUNCTION_NAME": config["FunctionName"],
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config["MemorySize"]),
        # Traces have nowhere to go here.
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    folders = [ROOT / "functions" / Path(function).parent, *_layers(instance, config)]
    note(f"invoking {config['FunctionName']}")
    with (
        tempfile.TemporaryFile() as log,
        runtime(config["Handler"], folders, environment, timeout_s=config["Timeout"], log=log) as started,
    ):
        answer = started.invoke(event)
        log.seek(0)
        written = log.read().decode(errors="replace").splitlines()
    # Without the runtime interface emulator's own log lines.
    print(*(line for line in written if "(rapid)" not in line), sep="\n", file=sys.stderr, flush=True)
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 1 if isinstance(answer, dict) and "errorMessage" in answer else 0


def _configuration(instance: "Instance", function: str) -> dict[str, Any]:
    """The deployed configuration of `whatsapp/webhook_uaz`."""
    if not instance.emulator.running():
        raise Refused("the stack is not up; run `make up`")
    name = function_name(function, os.environ.get("AGENT_ROLE", ""))
    client = instance.emulator.client("lambda")
    try:
        configuration: dict[str, Any] = client.get_function_configuration(FunctionName=name)
    except client.exceptions.ResourceNotFoundException:
        raise Refused(f"no function {function}; FN is a file under functions/, e.g. whatsapp/webhook_uaz") from None
    return configuration


def function_name(function: str, agent_role: str) -> str:
    """The name under which `function` is deployed. crews/run_agent is deployed once for each agent.

    Raises `Refused` when `agent_role` has to be one of the agents' roles and is not.
    """
    function = function.removesuffix(".py")
    if function == "crews/run_agent":
        if agent_role not in AGENTS:
            raise Refused(f"crews/run_agent needs AGENT_ROLE, one of {', '.join(AGENTS)}")
        function = f"crews/run_{agent_role}_agent"
    return "falachefe-local-" + function.replace("/", "-").replace("_", "-")


def _layers(instance: "Instance", config: dict[str, Any]) -> list[Path]:
    """The function's built layers; Lambda's import path has the last one first."""
    built = {name.removeprefix("layer:"): key for name, key in instance.deployed_code().items()}
    folders = []
    for layer in reversed(config.get("Layers", [])):
        short = layer["Arn"].split(":")[6].rpartition("-")[2]
        logical = f"{short.capitalize()}Layer"
        digest = built[logical].removeprefix(f"{logical}-").removesuffix(".zip")
        folders.append(ARTIFACTS / logical / digest / "python")
    return folders
