"""One call sets up a company's number: row, secret and webhook key; it may be repeated."""

import json
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from falachefe.aws.clients import client
from falachefe.aws.tables import Table
from falachefe.kernel.errors import NotFound
from falachefe.kernel.ids import new_id
from falachefe.messaging.channels.directory import ChannelDirectory
from falachefe.messaging.channels.provisioning import ChannelSetUp, set_up
from tests.integration.messaging.conftest import NOW, WhatsAppHarness

PANEL = {
    "name": "Balcão",
    "phone": "+55 11 98888-7777",
    "base_url": "https://padaria.uazapi.com/",
    "instance_token": "token-of-the-instance",
}


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "sa-east-1",
    }.items():
        monkeypatch.setenv(name, value)


def order(company_id: UUID, **changes: Any) -> ChannelSetUp:
    return ChannelSetUp.model_validate({"company_id": str(company_id), **PANEL, **changes})


def done(whatsapp: WhatsAppHarness, tables: dict[str, Table], asked: ChannelSetUp) -> dict[str, str]:
    return set_up(
        asked,
        database=whatsapp.database,
        manager=client("secretsmanager"),
        channels=tables["channels"],
        stage="dev",
        now=NOW,
    )


def secret_of(sent_texts: dict[str, str]) -> dict[str, Any]:
    found = client("secretsmanager").get_secret_value(SecretId=f"falachefe/dev/channel/{sent_texts['channel_id']}")
    content: dict[str, Any] = json.loads(found["SecretString"])
    return content


def test_the_webhook_finds_the_channel_and_sending_its_token(
    whatsapp: WhatsAppHarness, tables: dict[str, Table]
) -> None:
    sent_texts = done(whatsapp, tables, order(whatsapp.company_id))

    key = sent_texts["webhook_path"].rpartition("/")[2]
    found = ChannelDirectory(tables["channels"], lambda _: {}).find(key, "uaz", NOW)
    assert found is not None
    assert (str(found.channel_id), found.company_id) == (sent_texts["channel_id"], str(whatsapp.company_id))
    assert secret_of(sent_texts)["instance_token"] == PANEL["instance_token"]
    (row,) = whatsapp.rows("select * from channels where name = 'Balcão'")
    assert (row.phone, row.base_url, row.status) == ("+5511988887777", "https://padaria.uazapi.com", "connected")
    assert row.secret_name == f"falachefe/dev/channel/{sent_texts['channel_id']}"


def test_a_repeated_set_up_keeps_channel_and_webhook_key(whatsapp: WhatsAppHarness, tables: dict[str, Table]) -> None:
    sent_texts = done(whatsapp, tables, order(whatsapp.company_id))
    again = done(
        whatsapp, tables, order(whatsapp.company_id, phone="5511988887777", instance_token="new", signing_secret="s")
    )

    assert again == sent_texts
    assert secret_of(sent_texts) | {"webhook_key": ""} == {
        "instance_token": "new",
        "signing_secret": "s",
        "webhook_key": "",
    }
    assert len(whatsapp.rows("select id from channels where name = 'Balcão'")) == 1


def test_an_unknown_company_gets_no_channel(whatsapp: WhatsAppHarness, tables: dict[str, Table]) -> None:
    with pytest.raises(NotFound):
        done(whatsapp, tables, order(new_id()))
    assert client("secretsmanager").list_secrets()["SecretList"] == []


@pytest.mark.parametrize(
    "changes",
    [{"base_url": "http://padaria.uazapi.com"}, {"base_url": "https://"}, {"provider": "other"}, {"token": "x"}],
)
def test_invalid_input_is_refused_before_anything_is_written(changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        order(new_id(), **changes)
