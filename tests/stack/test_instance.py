"""`make up` starts the whole stack, and repeating it changes nothing."""

import json
import urllib.request
from pathlib import Path
from typing import Any

from falachefe.aws.queue_policies import QUEUES
from infra.local.processes import Daemon
from infra.local.stack.artifacts import content_hash
from infra.local.stack.deploy import STACK
from tests.stack.conftest import Deployed


def get(url: str) -> tuple[int, Any]:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.status, json.loads(answer.read())


def test_the_stack_file_has_the_addresses_and_credentials(deployed: Deployed, stack: dict[str, Any]) -> None:
    written = json.loads(deployed.instance.stack_file.read_text())

    assert written == stack
    assert {"front_door", "aws_endpoint", "database_url", "demo"} <= set(written)
    demo = written["demo"]
    assert {"company_id", "admin", "owner_phone", "channel_key", "webhook_url", "instance_token"} <= set(demo)
    assert {"email", "password"} <= set(demo["admin"])
    assert demo["owner_phone"] == "+5511987654321"


def test_every_domain_answers_behind_the_front_door(stack: dict[str, Any]) -> None:
    assert set(stack["apis"]) == {"auth", "admin", "whatsapp", "crews", "business", "platform"}
    assert get(f"{stack['front_door']}/v1/platform/health/live") == (200, {"status": "live"})
    status, ready = get(f"{stack['front_door']}/v1/platform/health/ready")

    assert (status, ready["status"]) == (200, "ok")


def test_every_queue_invokes_its_function(deployed: Deployed) -> None:
    sources = deployed.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    fed = {source["EventSourceArn"].rpartition(":")[2] for source in sources if source["State"] == "Enabled"}

    assert len(QUEUES) >= 10
    in_order = {queue for queue in QUEUES if queue != "staff-notes"}
    assert fed == {"falachefe-local-staff-notes", *(f"falachefe-local-{queue}.fifo" for queue in in_order)}


def test_a_repeated_up_keeps_everything(deployed: Deployed, stack: dict[str, Any]) -> None:
    directory = deployed.instance.directory
    daemons = (Daemon("emulator", directory / "emulator"), Daemon("front_door", directory))
    running = [daemon.pid() for daemon in daemons]
    cloudformation = deployed.client("cloudformation")
    created = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["CreationTime"]

    assert deployed.instance.up() == stack
    assert [daemon.pid() for daemon in daemons] == running
    assert None not in running
    assert cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["CreationTime"] == created


def test_a_content_hash_depends_on_names_and_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "a.py").write_text("1")
    first = content_hash([folder])
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.pyc").write_bytes(b"bytecode")
    same = content_hash([folder])
    (folder / "a.py").rename(folder / "b.py")

    assert same == first
    assert content_hash([folder]) != first
