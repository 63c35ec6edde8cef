"""A stage's resources by size, what the stages of an account share, and what people on call see of a stage."""

import json
import re
from typing import Any

import pytest

from infra.local.paths import ROOT
from infra.local.sam.template import ROOT_TEMPLATE
from tests.security.template_resources import Resource, made, resources, target, templates

INFRA = ROOT / "infra"
SOURCES = resources("AWS::Lambda::EventSourceMapping")
SMALL = {"Stage": "trial", "Size": "small"}
STANDARD = {"Stage": "prod", "Size": "standard"}


def types(file: str, **parameters: str) -> set[str]:
    return {resource["Type"] for resource in made(INFRA / file, **parameters).values()}


# ---- sizes


def test_a_small_stage_has_no_proxy_or_nat_gateway_and_pauses_its_database() -> None:
    """Nor an interface endpoint. These cost money even while the stage is idle."""
    network = made(INFRA / "network.yaml", **SMALL)
    database = made(INFRA / "database.yaml", DatabaseHost="", KeyArn="", **SMALL)

    assert "ProxyStack" not in made(ROOT_TEMPLATE, **SMALL)
    assert not {"AWS::EC2::NatGateway", "AWS::EC2::EIP"} & types("network.yaml", **SMALL)
    endpoints = [one for one in network.values() if one["Type"] == "AWS::EC2::VPCEndpoint"]
    assert {one["Properties"]["VpcEndpointType"] for one in endpoints} == {"Gateway"}
    capacity = database["Cluster"]["Properties"]["ServerlessV2ScalingConfiguration"]
    assert capacity["MinCapacity"]["Fn::If"][:2] == ["Pauses", 0]
    assert capacity["SecondsUntilAutoPause"]["Fn::If"][:2] == ["Pauses", 300]


def test_a_small_stage_lets_aurora_pause() -> None:
    """Aurora pauses only without connections, so idle ones of frozen functions are closed and the sweep runs rarely."""
    parameters = made(INFRA / "database.yaml", DatabaseHost="", KeyArn="", **SMALL)["ClusterParameters"]
    (sweep,) = (one for one in resources("AWS::Scheduler::Schedule") if "Sweep" in one.name)

    assert 0 < int(parameters["Properties"]["Parameters"]["idle_session_timeout"]) <= 60_000
    assert sweep.properties["ScheduleExpression"] == {"Fn::If": ["IsSmall", "rate(15 minutes)", "rate(1 minute)"]}


def test_a_standard_stage_has_a_proxy_and_never_pauses() -> None:
    assert "ProxyStack" in made(ROOT_TEMPLATE, **STANDARD)
    assert "AWS::EC2::NatGateway" in types("network.yaml", **STANDARD)
    assert "AWS::EC2::Instance" not in types("network.yaml", **STANDARD)
    assert "ClusterParameters" not in made(INFRA / "database.yaml", DatabaseHost="", KeyArn="", **STANDARD)


@pytest.mark.parametrize("size", ["small", "standard"])
def test_functions_can_reach_the_internet_in_both_sizes(size: str) -> None:
    network = made(INFRA / "network.yaml", Stage="x", Size=size)
    route = network["PrivateRoute"]["Properties"]
    gateway, instance = route["NatGatewayId"]["Fn::If"], route["InstanceId"]["Fn::If"]

    assert (gateway[0], instance[0]) == ("IsStandard", "IsSmall")
    assert target(gateway[1] if size == "standard" else instance[1]) in network


def test_functions_connect_directly_to_a_cluster_without_a_proxy() -> None:
    stack = templates()[ROOT_TEMPLATE]["Resources"]
    for domain in ("Auth", "Whatsapp", "Crews", "Admin", "Business", "Platform"):
        _, names = stack[domain]["Properties"]["Parameters"]["DatabaseEndpoint"]["Fn::Sub"]
        assert names["Host"]["Fn::If"][0] == "HasProxy"
        assert names["Host"]["Fn::If"][2] == {"Fn::GetAtt": ["DatabaseStack", "Outputs.Host"]}


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_a_small_stage_fits_a_new_accounts_concurrency_of_ten(source: Resource) -> None:
    """2 is the lowest concurrency that an event source allows."""
    condition, small, standard = source.properties["ScalingConfig"]["MaximumConcurrency"]["Fn::If"]
    assert (condition, small) == ("IsSmall", 2)
    assert standard >= 2


# ---- several stages in one account


# Layers are not among them: SAM has put the stage into their names already.
def named() -> list[tuple[Resource, Any]]:
    keys = {
        "TableName", "BucketName", "QueueName", "FunctionName", "LogGroupName", "TopicName", "AlarmName",
        "DashboardName", "DBProxyName", "DBClusterIdentifier", "ArchiveName", "Name", "RoleName", "GroupName",
    }  # fmt: skip
    kinds = {resource["Type"] for template in templates().values() for resource in template["Resources"].values()}
    return [
        (resource, resource.properties[key])
        for kind in sorted(kinds)
        for resource in resources(kind)
        for key in keys & set(resource.properties)
        if kind not in ("AWS::Lambda::EventSourceMapping", "AWS::Lambda::Permission", "AWS::Route53::RecordSet")
    ]


def test_every_resource_name_contains_its_stage() -> None:
    """Otherwise a second stage of the account could not be created."""
    wrong = [
        f"{resource}: {value}"
        for resource, value in named()
        if "Ref" not in value and "Fn::GetAtt" not in value and "${Stage}" not in json.dumps(value)
    ]
    assert len(named()) > 100
    assert wrong == []


def test_no_stack_exports_a_name() -> None:
    outputs = [output for template in templates().values() for output in template.get("Outputs", {}).values()]
    assert [output for output in outputs if "Export" in output] == []


def test_the_account_wide_setting_of_api_gateway_outlives_the_stage_that_made_it() -> None:
    role = made(INFRA / "observability.yaml", ApiAccount="true", Waf="false", AlarmEmail="", AllowedOrigins="", **SMALL)
    assert role["ApiLogsRole"]["DeletionPolicy"] == "Retain"
    assert "RoleName" not in role["ApiLogsRole"]["Properties"]
    assert templates()[ROOT_TEMPLATE]["Parameters"]["ApiAccount"]["Default"] == "true"


@pytest.mark.parametrize("domain", ["auth", "admin", "whatsapp", "crews", "business", "platform"])
def test_a_stages_metrics_have_their_own_namespace(domain: str) -> None:
    for function in resources("AWS::Lambda::Function"):
        if function.path.parent.name == domain:
            namespace = function.properties["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
            assert namespace == {"Fn::Sub": "Falachefe/${Stage}"}


def test_alarms_watch_the_metrics_of_their_own_stage() -> None:
    namespaces = [alarm.properties["Namespace"] for alarm in resources("AWS::CloudWatch::Alarm")]
    ours = [one for one in namespaces if "AWS/" not in json.dumps(one)]
    assert ours != []
    assert all(one == {"Fn::Sub": "Falachefe/${Stage}"} for one in ours)


# ---- domain


def test_a_custom_domain_outputs_its_dns_target_and_a_hosted_zone_gets_the_record() -> None:
    outputs = templates()[ROOT_TEMPLATE]["Outputs"]
    assert outputs["DomainTarget"]["Value"] == {"Fn::GetAtt": ["CustomDomain", "RegionalDomainName"]}
    assert outputs["DomainTargetHostedZoneId"]["Value"] == {"Fn::GetAtt": ["CustomDomain", "RegionalHostedZoneId"]}
    both = {"DomainName": "api.example.com", "HostedZoneId": "Z1"}
    assert "DomainRecord" in made(ROOT_TEMPLATE, **STANDARD, **both)
    assert "DomainRecord" not in made(ROOT_TEMPLATE, **STANDARD, DomainName="api.example.com")


# ---- what people on call see


def emitted() -> set[str]:
    """The metrics that the code counts."""
    files = [*ROOT.glob("layers/domain/python/falachefe/**/*.py"), *ROOT.glob("functions/*/*.py")]
    return {name for file in files for name in re.findall(r'"([a-z_]+_total)"', file.read_text())}


def test_the_dashboard_shows_metrics_that_the_code_emits() -> None:
    (dashboard,) = resources("AWS::CloudWatch::Dashboard")
    body = dashboard.properties["DashboardBody"]["Fn::Sub"]
    shown = set(re.findall(r'MetricName=\\"([a-z_]+)\\"', body))

    assert len(json.loads(body)["widgets"]) >= 10
    assert len(shown) >= 8
    assert shown <= emitted()


def test_an_alarm_about_dead_letters_repeats_before_they_expire() -> None:
    kept_for = {}
    for queue in resources("AWS::SQS::Queue"):
        if "-dlq" in queue.properties["QueueName"]["Fn::Sub"]:
            kept_for[queue.path, queue.name] = int(queue.properties["MessageRetentionPeriod"])
    alarm_after = {
        (alarm.path, target(alarm.properties["Dimensions"][0]["Value"])): int(alarm.properties["Threshold"])
        for alarm in resources("AWS::CloudWatch::Alarm")
        if alarm.name.endswith("ExpireAlarm") and alarm.properties["MetricName"] == "ApproximateAgeOfOldestMessage"
    }
    assert alarm_after.keys() == kept_for.keys()
    assert set(kept_for.values()) == {14 * 86400}  # the most there is
    assert set(alarm_after.values()) == {10 * 86400}


def test_each_api_and_the_concurrency_quota_of_lambda_have_an_alarm() -> None:
    alarms = [one.properties for one in resources("AWS::CloudWatch::Alarm")]
    slow = [one for one in alarms if one.get("MetricName") == "Latency"]
    assert {one["Dimensions"][0]["Value"]["Fn::Sub"].rpartition("-")[2] for one in slow} == {
        path.parent.name
        for path in templates()
        if path.name == "template.yaml" and path.parent.parent.name == "functions"
    }
    assert [one for one in alarms if one.get("MetricName") == "Throttles" and "Dimensions" not in one]


def test_the_common_rules_of_the_web_acl_count_before_they_block() -> None:
    (acl,) = resources("AWS::WAFv2::WebACL")
    rules = {rule["Name"]: rule for rule in acl.properties["Rules"]}
    common = rules["common"]

    assert common["OverrideAction"] == {"Count": {}}
    assert common["VisibilityConfig"]["SampledRequestsEnabled"] is True
    assert "/webhooks/" in json.dumps(common["Statement"]), "the texts of customers must not be sampled"
    protected = json.dumps(acl.properties["DataProtectionConfig"])
    assert all(name in protected for name in ("authorization", "x-api-key", "cookie", "QUERY_STRING"))
    for name in ("rate", "known-bad-inputs"):  # those see the webhook's path
        assert rules[name]["VisibilityConfig"]["SampledRequestsEnabled"] is False
