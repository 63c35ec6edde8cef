"""The real handlers with stand-ins for their dependencies, each of which can be unavailable for a while.

Only the clock, botocore's clients and the POST to the provider are replaced. Postgres is real and is reached through a
TCP proxy; queues are those of the templates; the sweep runs every minute.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from sqlalchemy import Row, insert, text

from falachefe.accounts.models import User
from falachefe.app import agent_worker, runtime
from falachefe.aws import clients
from falachefe.aws.tables import Table
from falachefe.companies.models import Company
from falachefe.crews import service
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from falachefe.messaging.channels.directory import channel_item
from falachefe.messaging.models import Channel
from falachefe.messaging.providers import http_post
from falachefe.messaging.providers.base import Refused, Unknown
from falachefe.messaging.providers.uaz import SIGNATURE_HEADER
from falachefe.phone_sign_in.codes import Codes
from falachefe.phone_sign_in.service import SignIn, subject_of
from falachefe.plans.models import Subscription
from functions.crews import sweep
from functions.whatsapp import notify_staff, process_inbound, send_outbound, webhook_uaz
from infra.local.front_door.payloads import webhook_payload
from tests.integration.queues.sqs_standin import Handler, QueueStandIn, staff_notes_events
from tests.integration.queues.tcp_proxy import TcpProxy

KEY: Final = "a-channel-key-for-tests"
TOKEN: Final = "instance-token"
CHANNEL_SECRET: Final = "falachefe/test/channel/1"
PEPPER: Final = "pepper-only-for-tests"
SWEEP_EVERY: Final = timedelta(minutes=1)
ROLES: Final = ("orchestrator", "financial", "marketing", "hr", "support")
NOTES_ARE_FOR: Final = frozenset(staff_notes_events())
type ProviderAnswer = http_post.Answered | Refused | Unknown


class AwsService:
    """A botocore client that can refuse all calls, or hang."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.refusing = False
        self.silent = False
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        if name == "exceptions":
            return getattr(self._real, name)
        self.calls += 1
        if self.silent:
            return self._hang
        return self._refuse if self.refusing else getattr(self._real, name)

    @staticmethod
    def _hang(**_: Any) -> Any:
        raise ReadTimeoutError(endpoint_url="https://dynamodb")

    @staticmethod
    def _refuse(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "Any")


class Secrets:
    """Secrets Manager; a revoked secret cannot be read."""

    def __init__(self, secret_values: dict[str, dict[str, Any]]) -> None:
        self.secret_values = secret_values
        self.revoked: set[str] = set()

    def get_secret_value(self, **request: Any) -> dict[str, Any]:
        if request["SecretId"] in self.revoked:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetSecretValue")
        return {"SecretString": json.dumps(self.secret_values[request["SecretId"]])}


class FakeEventBus:
    """EventBridge with the rule of staff notes, whose target is a queue."""

    def __init__(self, queues: QueueStandIn) -> None:
        self._queues = queues
        self.events: list[dict[str, Any]] = []

    def put_events(self, **request: Any) -> dict[str, Any]:
        for entry in request["Entries"]:
            detail = json.loads(entry["Detail"])
            self.events.append(detail)
            if entry["DetailType"] in NOTES_ARE_FOR:
                body = json.dumps({"detail-type": entry["DetailType"], "detail": detail})
                self._queues.send_message(QueueUrl="staff-notes", MessageBody=body)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"} for _ in request["Entries"]]}


@dataclass(frozen=True, slots=True)
class Delivered:
    phone: str
    text: str
    track_id: str
    at: datetime


class FakeProvider:
    """The provider: keeps what it accepts; while `answers` is set, it decides."""

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self.got: list[Delivered] = []
        self._numbers = count(1)
        self.answers: Callable[[dict[str, Any]], ProviderAnswer | None] = lambda document: None

    def post_json(self, _url: str, document: dict[str, Any], _headers: dict[str, str]) -> ProviderAnswer:
        answer = self.answers(document)
        if answer is not None:
            return answer
        track_id = document["track_id"]
        self.got.append(Delivered("+" + document["number"], document["text"], track_id, self._clock.now()))
        return http_post.Answered(200, {"messageid": f"3EB1{next(self._numbers):018X}"}, None)


class PipelineHarness:
    """One company with a channel, and the handlers that process its messages."""

    def __init__(self, database: Database, clock: FixedClock, provider: FakeProvider, queues: QueueStandIn) -> None:
        self.database = database
        self.clock = clock
        self.provider = provider
        self.queues = queues
        self.company_id = new_id()
        self.channel_id = new_id()
        self.handlers: dict[str, Handler] = {
            "inbound": process_inbound.handler,
            "outbound": send_outbound.handler,
            "staff-notes": notify_staff.handler,
            **{f"agent-{role}": agent_worker.worker_of(role) for role in ROLES},
        }
        self.next_sweep = clock.now() + SWEEP_EVERY
        self.written = 0

    # ---- messages

    def send_message(self, phone: str, said: str, *, key: str = KEY, token: str = TOKEN, signed_with: str = "") -> int:
        """Sends a phone's message to the webhook; returns the status of the response."""
        self.written += 1
        payload = webhook_payload(
            "text", phone, said, token=token, message_id=f"3EB0{self.written:018X}", at=self.clock.now()
        )
        signature = hmac.new(signed_with.encode(), json.dumps(payload).encode(), hashlib.sha256).hexdigest()
        event = {
            "httpMethod": "POST",
            "headers": {"Content-Type": "application/json"} | ({SIGNATURE_HEADER: signature} if signed_with else {}),
            "pathParameters": {"channel_key": key},
            "requestContext": {"requestId": "r"},
            "body": json.dumps(payload),
        }
        return int(webhook_uaz.handler(event, None)["statusCode"])

    def sent_to(self, phone: str) -> list[str]:
        return [one.text for one in self.provider.got if one.phone == phone]

    def rows(self, statement: str, **values: Any) -> Sequence[Row[Any]]:
        with self.database.tenant(self.company_id) as session:
            return session.execute(text(statement), values).all()

    # ---- time

    def work(self) -> None:
        """Processes all messages that can be received now."""
        while sum(self.queues.deliver(name, handler) for name, handler in self.handlers.items()):
            pass

    def run(self, duration: timedelta) -> None:
        """Advances the clock, with everything that is due in that time."""
        end = self.clock.now() + duration
        while True:
            self.work()
            moments = [end, self.next_sweep, self.queues.next_at() or end]
            self.clock.at = min(max(min(moments), self.clock.at), end)
            if self.clock.now() >= self.next_sweep:
                self.next_sweep += SWEEP_EVERY
                self._sweep()
            elif self.clock.now() >= end:
                return

    def sleep(self, duration: timedelta) -> None:
        """Advances the clock without processing anything."""
        self.clock.at += duration
        self.next_sweep = self.clock.at

    def _sweep(self) -> None:
        try:
            sweep.handler({}, None)
        except Exception:  # noqa: BLE001  # an outage: the next sweep is in a minute
            return


def make_pipeline(
    database: Database, clock: FixedClock, provider: FakeProvider, queues: QueueStandIn, tables: Any
) -> PipelineHarness:
    pipeline = PipelineHarness(database, clock, provider, queues)
    with database.tenant(pipeline.company_id) as session:
        session.add(Company(id=pipeline.company_id, name="Padaria do Chefe"))
        session.flush()
        session.add(
            Subscription(
                company_id=pipeline.company_id, plan_code="enterprise", starts_at=datetime(2020, 1, 1, tzinfo=UTC)
            )
        )
        service.default_crew(session, pipeline.company_id, clock.now())
        session.add(
            Channel(
                company_id=pipeline.company_id,
                id=pipeline.channel_id,
                name="Principal",
                provider="uaz",
                phone="+551140028922",
                base_url="http://127.0.0.1:9",
                secret_name=CHANNEL_SECRET,
            )
        )
    tables["channels"].put(
        channel_item(
            KEY,
            company_id=pipeline.company_id,
            channel_id=pipeline.channel_id,
            provider="uaz",
            token=TOKEN,
            secret_name=CHANNEL_SECRET,
        )
    )
    return pipeline


def group_of(phone: str) -> str:
    """The message group of a phone's messages."""
    return f"{hashlib.sha256(KEY.encode()).hexdigest()[:32]}#{phone}"


def add_staff(pipeline: PipelineHarness, tables: dict[str, Table], phone: str) -> UUID:
    """Adds a signed-in admin with this phone."""
    user_id = new_id()
    with pipeline.database.tenant(pipeline.company_id) as session:
        session.execute(
            insert(User).values(
                company_id=pipeline.company_id, id=user_id, name="Ana Chefe", phone=phone, role="admin", status="active"
            )
        )
    SignIn(tables["auth"], lambda: Codes(PEPPER)).create_session(
        pipeline.company_id, phone, subject=subject_of(user_id), now=pipeline.clock.now()
    )
    return user_id


class StandIns:
    """The handlers' dependencies, each of which can be made unavailable."""

    def __init__(
        self, proxy: TcpProxy, dynamodb: AwsService, secrets: Secrets, queues: QueueStandIn, bus: FakeEventBus
    ) -> None:
        self.proxy = proxy
        self.dynamodb = dynamodb
        self.secrets = secrets
        self.queues = queues
        self.sqs = AwsService(queues)
        self.bus = bus
        self._of = {"dynamodb": dynamodb, "secretsmanager": secrets, "sqs": self.sqs, "events": AwsService(bus)}

    def create_client(self, name: str, **_: Any) -> Any:
        return self._of[name]

    def revoke(self, secret: str) -> None:
        self.secrets.revoked.add(secret)
        runtime._secrets_provider.cache_clear()  # as after five minutes

    def restore(self, secret: str) -> None:
        self.secrets.revoked.discard(secret)


def use_stand_ins(stand_ins: StandIns, clock: FixedClock, provider: FakeProvider, patch: pytest.MonkeyPatch) -> None:
    """Makes the functions use the stand-ins."""
    reset_runtimes()
    patch.setattr(clients, "_session", lambda: stand_ins)
    patch.setattr(runtime, "clock", _cached(clock))
    patch.setattr(http_post, "post_json", provider.post_json)
    for name in stand_ins.queues.queues:
        patch.setenv(f"{name.removeprefix('agent-').replace('-', '_').upper()}_QUEUE_URL", name)
    for name in ("auth", "limits", "channels"):
        patch.setenv(f"{name.upper()}_TABLE", name)
    patch.setenv("DATABASE_SECRET_ARN", "database")
    patch.setenv("PEPPER_SECRET_ARN", "auth")
    patch.setenv("EVENT_BUS_NAME", "bus")


def reset_runtimes() -> None:
    """Clears the caches of all functions, as in new runtimes."""
    runtime.forget()
    for made in (
        process_inbound.inbound,
        process_inbound.verification,
        send_outbound.sender,
        webhook_uaz.webhook,
        agent_worker.task_dependencies,
    ):
        made.cache_clear()


class _cached[T]:  # noqa: N801  # replaces a cached function
    def __init__(self, value: T) -> None:
        self._value = value

    def __call__(self) -> T:
        return self._value

    def cache_clear(self) -> None:
        """Does nothing: the value stays during the test."""
