"""The front door follows the stack file."""

import json
from pathlib import Path
from typing import Any

from infra.local.front_door.stack import StackFile

DEMO: dict[str, Any] = {
    "company_id": "0199-company",
    "owner_phone": "+5511987654321",
    "channel_key": "key",
    "webhook_url": "http://127.0.0.1:8000/v1/whatsapp/webhooks/uaz/key",
    "instance_token": "t0k3n",
}


def test_there_is_no_stack_before_the_file_is_written(tmp_path: Path) -> None:
    assert StackFile(tmp_path / "stack.json").read().apis == {}


def test_a_redeploy_is_seen_without_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    file = StackFile(path)
    path.write_text(json.dumps({"apis": {"whatsapp": "http://127.0.0.1:1/a/v1"}, "demo": DEMO}))
    assert file.read().apis["whatsapp"].endswith("/a/v1")
    path.write_text(json.dumps({"apis": {"whatsapp": "http://127.0.0.1:1/another/v1"}, "demo": DEMO}))
    assert file.read().apis["whatsapp"].endswith("/another/v1")


def test_a_file_caught_half_written_leaves_the_last_reading(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    path.write_text(json.dumps({"apis": {"whatsapp": "http://127.0.0.1:1/a/v1"}, "demo": DEMO}))
    file = StackFile(path)
    file.read()
    path.write_text('{"apis": {"what')
    assert file.read().apis == {"whatsapp": "http://127.0.0.1:1/a/v1"}


def test_the_stack_is_gone_when_its_file_is(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    path.write_text(json.dumps({"apis": {"crews": "http://127.0.0.1:1/a/v1"}, "demo": DEMO}))
    file = StackFile(path)
    file.read()
    path.unlink()
    assert file.read().companies == ()


def test_the_owner_and_the_staff_are_people_to_write_as(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    staff = [{"name": "Maria", "phone": "+5511976543210", "role": "user"}]
    path.write_text(json.dumps({"apis": {}, "demo": DEMO | {"staff": staff}}))
    company = StackFile(path).read().company(None)
    assert company is not None
    assert [one.phone for one in company.people] == ["+5511987654321", "+5511976543210"]


def test_a_company_is_found_by_its_id_and_the_demo_without_one(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    other = DEMO | {"company_id": "0199-other", "company_name": "Outra"}
    path.write_text(json.dumps({"apis": {}, "demo": DEMO, "companies": [DEMO, other]}))
    stack = StackFile(path).read()
    found = stack.company("0199-other")
    assert found is not None
    assert found.name == "Outra"
    assert len(stack.companies) == 2
    assert stack.company("0199-nobody") is None


def test_a_company_without_a_channel_leaves_the_apis_in_place(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    path.write_text(json.dumps({"apis": {"crews": "http://127.0.0.1:1/a/v1"}, "demo": {"company_id": "0199"}}))
    stack = StackFile(path).read()
    assert (dict(stack.apis), stack.companies) == ({"crews": "http://127.0.0.1:1/a/v1"}, ())
