"""AWS list price of an idle stage, a month, and of 1,000 answered messages, from the translated template.

What is made, and how large, is the template's under its parameters; prices stand in prices.json; the processor time of
the functions on a message's way in measured.json (`make bench ONLY=cost` measures it, --write keeps it). A function's
time is its waiting plus its processor time on the share of a core that its memory buys.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from infra.local.deploy_check.findings import Checked
from infra.local.deploy_check.stacks import Resource, application
from infra.local.sam.template import ROOT_TEMPLATE, load

REGIONS: Final = ("sa-east-1", "us-east-1")
SIZES: Final = ("small", "standard")
IDLE_TARGET_SMALL: Final = 100.0
THOUSAND_TARGET: Final = 0.15
MEASURED: Final = Path(__file__).with_name("measured.json")
_PRICES: Final = Path(__file__).with_name("prices.json")
_HOURS: Final = 730
_FULL_CORE_MB: Final = 1_769
_ROOT_DISK_GB: Final = 8
_PROXY_LEAST_ACU: Final = 8
_AWAKE_LEAST_ACU: Final = 0.5
_POLLS_A_MONTH: Final = 5 * 3 * 60 * _HOURS
"""By an event source on an empty queue: five parallel long polls of 20 s."""
_SWEEP_S: Final = 0.3
"""The billed time of a scheduled run without work."""


@dataclass(frozen=True)
class Way:
    """The runs of a function for one answered message, and the time that they wait."""

    runs: float
    wait_ms: float


WAY: Final[Mapping[str, Way]] = {
    # The message, and the provider's webhooks that the reply was delivered and read.
    "whatsapp-webhook-uaz": Way(3, 5),
    "whatsapp-process-inbound": Way(3, 25),  # eight round trips to the database, the session, the next queue
    "crews-run-financial-agent": Way(1, 40),  # offline model; the wait for a real model costs extra
    "whatsapp-send-outbound": Way(1, 330),  # the provider's response, four round trips
}
_QUEUE_HOPS: Final = 5
_REQUESTS_A_HOP: Final = 3  # send, receive, delete
_DYNAMO_WRITES, _DYNAMO_READS = 2.1, 1.0
_EVENTS: Final = 2
_LOG_KB_A_RUN: Final = 1.2
_TRACES: Final = 3
_NAT_KB: Final = 40
_DATABASE_CPU_S: Final = 0.012
_VCPU_OF_AN_ACU: Final = 0.25


@dataclass(frozen=True)
class Bill:
    what: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.what.values())


def prices(region: str) -> Mapping[str, float]:
    known: Mapping[str, float] = json.loads(_PRICES.read_text())[region]
    return known


def as_of() -> str:
    return str(json.loads(_PRICES.read_text())["as_of"])


def measured() -> Mapping[str, float]:
    """Milliseconds of processor time a run, by function."""
    known: Mapping[str, float] = json.loads(MEASURED.read_text())["cpu_ms"]
    return known


@cache
def stage(size: str) -> list[Resource]:
    """The resources of a stage of this size."""
    return list(application(Stage="prod", **({"Size": size} if has_sizes() else {})).resources())


def has_sizes() -> bool:
    return "Size" in load(ROOT_TEMPLATE)["Parameters"]


def idle(made: Sequence[Resource], price: Mapping[str, float]) -> Bill:
    kinds = [one.type for one in made]
    endpoints = sum(
        len(one.properties["SubnetIds"])
        for one in made
        if one.type == "AWS::EC2::VPCEndpoint" and one.properties.get("VpcEndpointType") == "Interface"
    )
    queues = [one for one in made if one.type == "AWS::Lambda::EventSourceMapping"]
    runs = sum(runs_a_month(expression) for expression in _schedules(made))
    bill = {
        "NAT": kinds.count("AWS::EC2::NatGateway") * price["nat_h"] * _HOURS,
        "NAT instance": sum(
            price[f"{one.properties['InstanceType']}_h"] * _HOURS + _ROOT_DISK_GB * price["ebs_gb_month"]
            for one in made
            if one.type == "AWS::EC2::Instance"
        ),
        "public addresses": sum(kind in ("AWS::EC2::EIP", "AWS::EC2::Instance") for kind in kinds)
        * price["public_ip_h"]
        * _HOURS,
        "interface endpoints": endpoints * price["endpoint_az_h"] * _HOURS,
        "Aurora": sum(_aurora(one, made, price) for one in made if one.type == "AWS::RDS::DBCluster"),
        "RDS Proxy": kinds.count("AWS::RDS::DBProxy") * _PROXY_LEAST_ACU * price["proxy_acu_h"] * _HOURS,
        "snapshots kept": sum(
            int(one.properties["MemorySize"]) / 1_024 * price["snapstart_cache_gb_s"] * _HOURS * 3_600
            for one in made
            if one.type == "AWS::Lambda::Function" and one.properties.get("SnapStart")
        ),
        "secrets": kinds.count("AWS::SecretsManager::Secret") * price["secret_month"],
        "alarms": kinds.count("AWS::CloudWatch::Alarm") * price["alarm_month"],
        "dashboards": kinds.count("AWS::CloudWatch::Dashboard") * price["dashboard_month"],
        "keys": kinds.count("AWS::KMS::Key") * price["kms_key_month"],
        "web ACL": sum(
            price["waf_acl_month"] + len(one.properties["Rules"]) * price["waf_rule_month"]
            for one in made
            if one.type == "AWS::WAFv2::WebACL"
        ),
        "polling of queues": len(queues) * _POLLS_A_MONTH / 1e6 * price["sqs_fifo_m"],
        "schedules": runs * (price["lambda_m_requests"] / 1e6 + _SWEEP_S * 0.5 * price["lambda_gb_s_x86_64"])
        + runs * _LOG_KB_A_RUN / 1e6 * price["logs_gb"],
    }
    return Bill({what: usd for what, usd in bill.items() if usd})


def _aurora(cluster: Resource, made: Sequence[Resource], price: Mapping[str, float]) -> float:
    instances = sum(one.type == "AWS::RDS::DBInstance" for one in made)
    least = float(cluster.properties["ServerlessV2ScalingConfiguration"]["MinCapacity"])
    acu = least or _AWAKE_LEAST_ACU * awake(cluster, made)
    return instances * acu * price["aurora_acu_h"] * _HOURS + price["aurora_gb_month"]


def awake(cluster: Resource, made: Sequence[Resource]) -> float:
    """The share of an idle month in which Aurora runs: each scheduled run resumes it for a while."""
    patience = float(cluster.properties["ServerlessV2ScalingConfiguration"].get("SecondsUntilAutoPause", 300))
    return min(1.0, sum(map(runs_a_month, _schedules(made))) * patience / (30 * 86_400))


def _schedules(made: Sequence[Resource]) -> Iterator[str]:
    for one in made:
        expression = one.properties.get("ScheduleExpression")
        if isinstance(expression, str) and one.properties.get("State", "ENABLED") == "ENABLED":
            yield expression


def runs_a_month(expression: str) -> float:
    """The runs of a `rate(…)`, or of a `cron(…)` by its minutes and hours."""
    if match := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression):
        seconds = int(match[1]) * {"minute": 60, "hour": 3_600, "day": 86_400}[match[2]]
        return 30 * 86_400 / seconds
    minutes, hours = expression.removeprefix("cron(").split()[:2]
    return 30 * _times(minutes, 60) * _times(hours, 24)


def _times(part: str, most: int) -> int:
    if part == "*":
        return most
    return most // int(part.partition("/")[2]) if "/" in part else len(part.split(","))


def a_thousand(made: Sequence[Resource], price: Mapping[str, float], cpu_ms: Mapping[str, float]) -> Bill:
    """The cost of 1,000 messages of signed-in users, each answered once by one agent with the offline model."""
    runs = sum(way.runs for way in WAY.values())
    bill = {f"function {name}": _function(_named(made, name), WAY[name], cpu_ms[name], price) for name in WAY} | {
        "API Gateway": WAY["whatsapp-webhook-uaz"].runs * price["api_m_requests"] / 1e6,
        "queues": _QUEUE_HOPS * _REQUESTS_A_HOP * price["sqs_fifo_m"] / 1e6,
        "DynamoDB": (_DYNAMO_WRITES * price["dynamo_m_writes"] + _DYNAMO_READS * price["dynamo_m_reads"]) / 1e6,
        "events": _EVENTS * price["events_m"] / 1e6,
        "logs": runs * _LOG_KB_A_RUN / 1e6 * price["logs_gb"],
        "traces": _TRACES * price["xray_m"] / 1e6,
        "NAT": _NAT_KB / 1e6 * price["nat_gb"] if any(one.type == "AWS::EC2::NatGateway" for one in made) else 0.0,
        "Aurora": _DATABASE_CPU_S / _VCPU_OF_AN_ACU / 3_600 * price["aurora_acu_h"],
    }
    return Bill({what: usd * 1_000 for what, usd in bill.items()})


def _function(function: Resource, way: Way, cpu_ms: float, price: Mapping[str, float]) -> float:
    memory = int(function.properties.get("MemorySize", 128))
    architecture = function.properties.get("Architectures", ["x86_64"])[0]
    seconds = billed_ms(way, cpu_ms, memory) / 1_000
    each = seconds * memory / 1_024 * price[f"lambda_gb_s_{architecture}"] + price["lambda_m_requests"] / 1e6
    return way.runs * each


def billed_ms(way: Way, cpu_ms: float, memory: int) -> float:
    return way.wait_ms + cpu_ms * max(1.0, _FULL_CORE_MB / memory)


def _named(made: Sequence[Resource], name: str) -> Resource:
    return next(one for one in made if str(one.properties.get("FunctionName", "")).endswith(f"-prod-{name}"))


def table() -> list[tuple[str, str, Bill, Bill]]:
    """(size, region, idle a month, 1,000 messages)"""
    made = {size: stage(size) for size in SIZES}
    return [
        (size, region, idle(made[size], prices(region)), a_thousand(made[size], prices(region), measured()))
        for size in SIZES
        for region in REGIONS
    ]


def check() -> Checked:
    rows = table()
    faults: list[str] = []
    notes: list[str] = []
    for size, region, a_month, thousand in rows:
        notes.append(f"{size} in {region}: idle US$ {a_month.total:.2f} a month ({_parts(a_month)})")
        notes.append(f"{size} in {region}: 1,000 messages US$ {thousand.total:.3f} ({_parts(thousand, 3)})")
        if thousand.total > THOUSAND_TARGET:
            faults.append(f"{size} in {region}: 1,000 messages cost US$ {thousand.total:.3f}, of {THOUSAND_TARGET}")
        if size == "small" and has_sizes() and a_month.total > IDLE_TARGET_SMALL:
            faults.append(f"small in {region}: idle costs US$ {a_month.total:.2f} a month, of {IDLE_TARGET_SMALL:.0f}")
    return Checked("cost", ", ".join(f"{s} {r} {i.total:.0f} + {t.total:.3f}" for s, r, i, t in rows), faults, notes)


def _parts(bill: Bill, digits: int = 0) -> str:
    most = sorted(bill.what.items(), key=lambda item: -item[1])
    return ", ".join(f"{what} {usd:.{digits}f}" for what, usd in most if round(usd, digits) > 0)


def keep(cpu_ms: Mapping[str, Any], date: str) -> None:
    MEASURED.write_text(json.dumps({"measured": date, "cpu_ms": cpu_ms}, indent=1) + "\n")
