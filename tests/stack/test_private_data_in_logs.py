"""No function's log contains private data. Runs after the other tests (`LAST` in infra/developer/suite.py)."""

from typing import TYPE_CHECKING

from tests.stack.clients import DemoCompany

if TYPE_CHECKING:
    from tests.stack.conftest import Deployed


def all_logs(deployed: "Deployed") -> list[str]:
    client = deployed.client("logs")
    lines: list[str] = []
    for page in client.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            for events in client.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
                lines += [event["message"] for event in events["events"]]
    return lines


def test_no_log_holds_a_token_a_code_a_text_an_address_or_a_phone(
    deployed: "Deployed", demo_company: DemoCompany
) -> None:
    bia = demo_company.staff("user", name="Canária Amarela")
    code, words = bia.code(), "gastei 313,13 de pamonha canarinho"
    bia.ask(words)
    lines = all_logs(deployed)
    assert any("webhook_received_total" in line or "whatsapp" in line for line in lines), "the logs are empty"
    digits = bia.number.removeprefix("+")
    secrets = {
        "token": demo_company.demo["instance_token"],
        "channel key": demo_company.demo["channel_key"],
        "password": demo_company.demo["admin"]["password"],
        "address": demo_company.demo["admin"]["email"],
        "phone": digits,
        "phone without country": digits[2:],
        "text": "pamonha canarinho",
        "name": "Canária",
        "code": f" {code}",
    }
    found = {name: line[:200] for name, secret in secrets.items() for line in lines if secret in line}
    assert found == {}
