"""The peer for the webhook: a usual implementation of the same work with FastAPI, Mangum and boto3."""

import hashlib
import hmac
import json
import os
import time
from typing import Any

import boto3
from fastapi import FastAPI, HTTPException, Request
from mangum import Mangum
from pydantic import BaseModel, ConfigDict

app = FastAPI()
dynamodb = boto3.client("dynamodb")
sqs = boto3.client("sqs")
channels: dict[str, tuple[float, dict[str, Any]]] = {}


class Message(BaseModel):
    model_config = ConfigDict(extra="allow")
    id: str
    messageid: str
    chatid: str
    fromMe: bool  # noqa: N815
    text: str = ""
    messageTimestamp: int  # noqa: N815


class Payload(BaseModel):
    model_config = ConfigDict(extra="allow")
    EventType: str
    token: str
    message: Message


def find_channel(key: str) -> dict[str, Any]:
    until, item = channels.get(key, (0.0, {}))
    if time.time() >= until:
        found = dynamodb.get_item(
            TableName=os.environ["CHANNELS_TABLE"], Key={"pk": {"S": f"channel#{key}"}, "sk": {"S": "channel"}}
        )
        item = found["Item"]
        channels[key] = (time.time() + 60, item)
    return item


def count(key: str) -> None:
    dynamodb.update_item(
        TableName=os.environ["LIMITS_TABLE"],
        Key={"pk": {"S": key}, "sk": {"S": "window"}},
        UpdateExpression="add n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="ALL_NEW",
    )


@app.post("/webhooks/uaz/{channel_key}")
async def webhook(channel_key: str, payload: Payload, request: Request) -> dict[str, bool]:
    channel = find_channel(channel_key)
    digest = hashlib.sha256(payload.token.encode()).hexdigest()
    if not hmac.compare_digest(digest, channel["token_sha256"]["S"]):
        raise HTTPException(401)
    if len(await request.body()) > 256 * 1024:
        raise HTTPException(413)
    phone = payload.message.chatid.split("@")[0]
    count(f"phone#{phone}")
    count(f"company#{channel['company_id']['S']}")
    body = payload.model_dump()
    del body["token"]
    sqs.send_message(
        QueueUrl=os.environ["INBOUND_QUEUE_URL"],
        MessageBody=json.dumps(body),
        MessageGroupId=phone,
        MessageDeduplicationId=hashlib.sha256(payload.message.id.encode()).hexdigest(),
    )
    return {"ok": True}


handler = Mangum(app, lifespan="off", api_gateway_base_path="/v1/whatsapp")
