"""Rules for all templates, checked on what the SAM transform makes of them."""

import ast
import json
import re
from typing import Any

import pytest

from falachefe.aws.queue_policies import QUEUES as POLICIES
from infra.local.paths import ROOT
from infra.local.sam.template import ROOT_TEMPLATE
from tests.security.template_resources import Resource, handler_file, resources, sibling, statements, target, templates

FUNCTIONS = resources("AWS::Lambda::Function")
QUEUES = resources("AWS::SQS::Queue")
SOURCES = resources("AWS::Lambda::EventSourceMapping")
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=str)
each_queue = pytest.mark.parametrize("queue", QUEUES, ids=str)


def alarms_on(queue: Resource, metric: str) -> list[Resource]:
    return [
        alarm
        for alarm in resources("AWS::CloudWatch::Alarm")
        if alarm.path == queue.path
        and alarm.properties.get("MetricName") == metric
        and target(alarm.properties["Dimensions"][0]["Value"]) == queue.name
    ]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def methods_of(function: Resource) -> set[str]:
    """The HTTP methods for which API Gateway may invoke the function."""
    return {
        permission.properties["SourceArn"]["Fn::Sub"][0].partition("${__Stage__}/")[2].partition("/")[0]
        for permission in resources("AWS::Lambda::Permission")
        if permission.path == function.path
        and target(permission.properties["FunctionName"]) == function.name
        and permission.properties["Principal"] == "apigateway.amazonaws.com"
    }


def dead_letter_queues() -> set[tuple[Any, str]]:
    """Queues that receive the failures of another queue, of a rule or of an asynchronous invocation."""
    found = {
        (queue.path, target(queue.properties["RedrivePolicy"]["deadLetterTargetArn"]))
        for queue in QUEUES
        if "RedrivePolicy" in queue.properties
    }
    for config in resources("AWS::Lambda::EventInvokeConfig"):
        destination = config.properties.get("DestinationConfig", {}).get("OnFailure")
        if destination:
            found.add((config.path, target(destination["Destination"])))
    return found


def test_the_expected_stacks_functions_and_queues_are_declared() -> None:
    domains = {path.parent.name for path in templates() if path.parent.parent.name == "functions"}

    assert domains == {"auth", "admin", "whatsapp", "crews", "business", "platform"}
    assert len(FUNCTIONS) >= 19
    assert len(QUEUES) >= 7
    assert len(SOURCES) >= 3


@each_function
def test_every_function_has_its_handler_file(function: Resource) -> None:
    path = handler_file(function)
    assert path.exists(), f"{function} names {path.relative_to(ROOT)}"
    assert "handler" in _defined_names(path.read_text()), f"{path.relative_to(ROOT)} defines no handler"


def _defined_names(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.parse(source).body:
        match node:
            case ast.FunctionDef():
                names.add(node.name)
            case ast.Assign():
                names |= {part.id for part in node.targets if isinstance(part, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.ImportFrom():
                names |= {alias.asname or alias.name for alias in node.names}
    return names


def test_every_handler_file_has_its_function() -> None:
    named = {handler_file(function) for function in FUNCTIONS}

    assert set(ROOT.glob("functions/*/*.py")) == named


API_GATEWAY_WAITS_S = 29
ONE_VCPU_MB = 1769
LEAST_MB = 256  # the layers' imports need about 150 MB
EACH_UNIT_S = {"minute": 60, "hour": 3600, "day": 86400}


@each_function
def test_a_functions_timeout_fits_api_gateway_and_its_schedule(function: Resource) -> None:
    """Each template sets the timeout: Lambda's default of 3 s is too short for all functions."""
    timeout = function.properties["Timeout"]
    assert timeout >= 5
    if methods_of(function):
        assert timeout <= API_GATEWAY_WAITS_S
    for schedule in resources("AWS::Scheduler::Schedule"):
        if schedule.path == function.path and target(schedule.properties["Target"]["Arn"]) == function.name:
            assert timeout < every_seconds(schedule.properties["ScheduleExpression"])


def every_seconds(expression: Any) -> int:
    """The shortest time between two runs of a schedule."""
    if isinstance(expression, dict):
        return min(every_seconds(one) for one in expression["Fn::If"][1:])
    kind, _, inside = expression.rstrip(")").partition("(")
    if kind == "cron":  # the templates' own: once a day
        assert inside.split()[2:] == ["*", "*", "?", "*"]
        return EACH_UNIT_S["day"]
    number, unit = inside.split()
    return int(number) * EACH_UNIT_S[unit.removesuffix("s")]


@each_function
def test_a_function_has_the_memory_that_its_work_needs(function: Resource) -> None:
    memory = function.properties["MemorySize"]
    assert LEAST_MB <= memory <= ONE_VCPU_MB, "one thread gains nothing from a second CPU"
    agents = "AgentsLayerArn" in json.dumps(function.properties["Layers"])
    if agents or takes_a_password(function):  # Argon2id: 64 MiB and all of a CPU for each hash
        assert memory >= 1024


def takes_a_password(function: Resource) -> bool:
    return bool(re.search(r"import .*\bPassword\b", handler_file(function).read_text()))


def test_the_functions_that_take_passwords_are_found() -> None:
    found = {function.name for function in FUNCTIONS if takes_a_password(function)}
    assert found >= {"Login", "Register", "Password", "Reset", "Me"}


@each_function
def test_every_function_logs_to_a_group_with_retention(function: Resource) -> None:
    group = sibling(function, target(function.properties["LoggingConfig"]["LogGroup"]))

    assert "RetentionInDays" in group
    name, function_name = group["LogGroupName"]["Fn::Sub"], function.properties["FunctionName"]["Fn::Sub"]
    assert name == f"/aws/lambda/{function_name}"


@each_function
def test_every_function_has_a_role_of_its_own(function: Resource) -> None:
    role = target(function.properties["Role"])

    users = [other for other in FUNCTIONS if other.path == function.path and target(other.properties["Role"]) == role]
    assert users == [function]


@pytest.mark.parametrize("role", resources("AWS::IAM::Role"), ids=str)
def test_no_role_has_a_wildcard_action_or_resource(role: Resource) -> None:
    for statement in statements(role.properties):
        for action in as_list(statement["Action"]):
            assert "*" not in action, f"{role} allows {action}"
        assert as_list(statement["Resource"]) != ["*"], f"{role}: {statement['Action']} on everything"


def test_the_shared_policy_has_a_wildcard_resource_for_traces_only() -> None:
    (policy,) = resources("AWS::IAM::ManagedPolicy")

    wide = [
        action
        for statement in statements({"Policies": [policy.properties]})
        if as_list(statement["Resource"]) == ["*"]
        for action in as_list(statement["Action"])
    ]
    assert wide == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]


@each_function
def test_managed_policies_are_the_base_and_the_network_one(function: Resource) -> None:
    role = sibling(function, target(function.properties["Role"]))
    network = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
    allowed = [
        {"Ref": "BasePolicyArn"},
        {"Fn::If": ["InNetwork", {"Fn::Sub": network}, {"Ref": "AWS::NoValue"}]},
    ]

    assert all(policy in allowed for policy in role["ManagedPolicyArns"])


@each_function
def test_only_a_function_with_a_secrets_variable_may_read_that_secret(function: Resource) -> None:
    """And a function with the variable may read it."""
    variables = function.properties["Environment"]["Variables"]
    in_variables = {
        json.dumps(value["Fn::If"][1] if "Fn::If" in value else value)
        for name, value in variables.items()
        if name.endswith(("_SECRET_ARN", "_SECRET_NAME"))
    }
    role = sibling(function, target(function.properties["Role"]))
    readable = {
        json.dumps(resource)
        for statement in statements(role)
        if "secretsmanager:GetSecretValue" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }

    assert in_variables <= readable
    assert all("/channel/" in extra for extra in readable - in_variables)


@each_function
def test_a_function_may_send_to_the_queues_in_its_variables_and_no_other(function: Resource) -> None:
    """A worker may have a variable for its own queue without the permission to send to it."""
    variables = function.properties["Environment"]["Variables"]
    in_variables = {
        value["Fn::Sub"].removeprefix("${QueueUrlPrefix}")
        for name, value in variables.items()
        if name.endswith("_QUEUE_URL")
    }
    role = sibling(function, target(function.properties["Role"]))
    named = {
        resource["Fn::Sub"].rpartition(":falachefe-${Stage}-")[2]
        for statement in statements(role)
        if {"sqs:SendMessage", "sqs:GetQueueAttributes"} & set(as_list(statement["Action"]))
        for resource in as_list(statement["Resource"])
        if "Fn::Sub" in resource
    }

    assert named <= in_variables
    assert in_variables - named <= own_queues(function)


def test_the_sweep_can_release_quarantined_messages_to_every_queue() -> None:
    (function,) = (one for one in FUNCTIONS if one.name == "Sweep")
    variables = function.properties["Environment"]["Variables"]

    for queue in POLICIES:
        assert f"{queue.removeprefix('agent-').replace('-', '_').upper()}_QUEUE_URL" in variables


# A browser comes back from a provider by GET, and is signed in.
READERS = [one for one in FUNCTIONS if methods_of(one) == {"GET"} and one.name not in ("OauthStart", "OauthCallback")]


@pytest.mark.parametrize("function", READERS, ids=str)
def test_a_read_only_function_may_write_nothing_but_rate_limit_counters(function: Resource) -> None:
    role = sibling(function, target(function.properties["Role"]))
    changes = {
        (action, json.dumps(statement["Resource"]).rpartition("table/")[2].strip('"}'))
        for statement in statements(role)
        for action in as_list(statement["Action"])
        if not action.startswith(("logs:", "secretsmanager:Get", "dynamodb:Get", "dynamodb:Query", "sqs:Get", "s3:Get"))
    }
    assert changes <= {("dynamodb:UpdateItem", "${LimitsTable")}
    assert "EVENT_BUS_NAME" not in function.properties["Environment"]["Variables"]


def test_many_functions_are_read_only() -> None:
    assert len(READERS) >= 12


@each_function
def test_only_functions_that_use_or_write_a_channels_secret_may_read_it(function: Resource) -> None:
    role = sibling(function, target(function.properties["Role"]))
    named = "/channel/" in json.dumps(list(statements(role)))
    assert named == (function.name in ("WebhookUaz", "ProcessInbound", "SendOutbound", "RegisterChannel"))


def own_queues(function: Resource) -> set[str]:
    """The queues that invoke the function, without the stage's prefix."""
    names = [
        sibling(source, target(source.properties["EventSourceArn"]))["QueueName"]["Fn::Sub"]
        for source in SOURCES
        if source.path == function.path and target(source.properties["FunctionName"]) == function.name
    ]
    return {name.removeprefix("falachefe-${Stage}-") for name in names}


@pytest.mark.parametrize("name", ["RunExport", "SendEmail", "SendOutbound"])
def test_a_worker_without_outgoing_queues_may_send_nothing(name: str) -> None:
    (function,) = (one for one in FUNCTIONS if one.name == name)
    role = sibling(function, target(function.properties["Role"]))
    actions = {action for statement in statements(role) for action in as_list(statement["Action"])}

    assert "sqs:ChangeMessageVisibility" in actions
    assert "sqs:SendMessage" not in actions


def test_the_inbound_worker_cannot_send_to_the_inbound_queue() -> None:
    (function,) = (one for one in FUNCTIONS if one.name == "ProcessInbound")
    role = sibling(function, target(function.properties["Role"]))
    (sends,) = (one["Resource"] for one in statements(role) if as_list(one["Action"]) == ["sqs:SendMessage"])

    assert not [queue for queue in sends if queue["Fn::Sub"].endswith("-inbound.fifo")]
    assert [queue for queue in sends if queue["Fn::Sub"].endswith("-outbound.fifo")]


def test_every_queue_that_is_sent_to_exists() -> None:
    exist: set[str] = set()
    for queue in QUEUES:
        name = queue.properties["QueueName"]["Fn::Sub"].removeprefix("falachefe-${Stage}-")
        roles = templates()[queue.path]["Parameters"].get("AgentRole", {}).get("AllowedValues", [""])
        exist |= {name.replace("${AgentRole}", role) for role in roles}
    sent = {
        value["Fn::Sub"].removeprefix("${QueueUrlPrefix}")
        for function in FUNCTIONS
        for name, value in function.properties["Environment"]["Variables"].items()
        if name.endswith("_QUEUE_URL")
    }

    assert sent <= exist


@each_queue
def test_every_queue_has_a_dead_letter_queue_with_an_alarm(queue: Resource) -> None:
    if (queue.path, queue.name) in dead_letter_queues():
        assert alarms_on(queue, "ApproximateNumberOfMessagesVisible")
        return
    redrive = queue.properties["RedrivePolicy"]
    assert redrive["maxReceiveCount"] >= 2
    assert alarms_on(queue, "ApproximateAgeOfOldestMessage")


@each_queue
def test_the_dead_letter_queue_of_a_fifo_queue_is_fifo(queue: Resource) -> None:
    redrive = queue.properties.get("RedrivePolicy")
    other = sibling(queue, target(redrive["deadLetterTargetArn"])) if redrive else queue.properties

    assert other.get("FifoQueue") == queue.properties.get("FifoQueue")


@each_queue
def test_every_queue_is_encrypted(queue: Resource) -> None:
    assert queue.properties["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_every_queue_source_reports_partial_failures(source: Resource) -> None:
    assert source.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_visibility_is_at_least_six_timeouts(source: Resource) -> None:
    queue = sibling(source, target(source.properties["EventSourceArn"]))
    function = sibling(source, target(source.properties["FunctionName"]))

    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]


@pytest.mark.parametrize("rule", resources("AWS::Events::Rule"), ids=str)
def test_every_event_rule_has_a_dead_letter_queue(rule: Resource) -> None:
    for one in rule.properties["Targets"]:
        assert (rule.path, target(one["DeadLetterConfig"]["Arn"])) in dead_letter_queues()


@pytest.mark.parametrize("schedule", resources("AWS::Scheduler::Schedule"), ids=str)
def test_every_schedule_has_an_alarm_on_its_function(schedule: Resource) -> None:
    function = target(schedule.properties["Target"]["Arn"])

    assert [
        alarm
        for alarm in resources("AWS::CloudWatch::Alarm")
        if alarm.properties.get("MetricName") == "Errors"
        and target(alarm.properties["Dimensions"][0]["Value"]) == function
        and alarm.path == schedule.path
    ]


@pytest.mark.parametrize("size", ["small", "standard"])
@pytest.mark.parametrize("schedule", resources("AWS::Scheduler::Schedule"), ids=str)
def test_every_schedule_has_an_alarm_on_runs_that_did_not_happen(schedule: Resource, size: str) -> None:
    function = target(schedule.properties["Target"]["Arn"])
    (alarm,) = (
        alarm.properties
        for alarm in resources("AWS::CloudWatch::Alarm")
        if alarm.properties.get("MetricName") == "Invocations"
        and target(alarm.properties["Dimensions"][0]["Value"]) == function
        and alarm.path == schedule.path
    )
    period = of_size(alarm["Period"], size)
    assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == ("Sum", "LessThanThreshold", 1)
    assert alarm["TreatMissingData"] == "breaching", "a function that does not run has no data"
    assert period >= every_seconds(of_size(schedule.properties["ScheduleExpression"], size))
    assert period * alarm["EvaluationPeriods"] >= 900, "a deploy may cost some runs"
    warm_up = of_size(alarm["WarmUpConfiguration"]["WarmUpPeriodDurationInMinutes"], size)
    assert period <= 60 * warm_up <= 2 * 86_400, "a new stage has had a run by then; two days are the most there is"


def of_size(value: Any, size: str) -> Any:
    if isinstance(value, dict) and "Fn::If" in value:
        condition, then, otherwise = value["Fn::If"]
        assert condition == "IsSmall"
        return then if size == "small" else otherwise
    return value


@pytest.mark.parametrize("size", ["small", "standard"])
@pytest.mark.parametrize("alarm", resources("AWS::CloudWatch::Alarm"), ids=str)
def test_no_alarm_looks_back_further_than_cloudwatch_does(alarm: Resource, size: str) -> None:
    """A day, or seven with periods of an hour or more."""
    period, number = (of_size(alarm.properties[key], size) for key in ("Period", "EvaluationPeriods"))
    assert period * number <= (7 * 86_400 if period >= 3_600 else 86_400)


@pytest.mark.parametrize("alarm", resources("AWS::CloudWatch::Alarm"), ids=str)
def test_every_alarm_notifies_the_alarm_topic(alarm: Resource) -> None:
    topic = "AlarmTopic" if alarm.path.name == "observability.yaml" else "AlarmTopicArn"
    assert alarm.properties["AlarmActions"] == [{"Ref": topic}]


@pytest.mark.parametrize("api", resources("AWS::ApiGateway::RestApi"), ids=str)
def test_apis_have_explicit_methods(api: Resource) -> None:
    for path, methods in api.properties["Body"]["paths"].items():
        assert path.startswith("/")
        assert "x-amazon-apigateway-any-method" not in methods


@pytest.mark.parametrize("stage", resources("AWS::ApiGateway::Stage"), ids=str)
def test_every_stage_is_v1_traced_logged_and_throttled(stage: Resource) -> None:
    (settings,) = stage.properties["MethodSettings"]

    assert stage.properties["StageName"] == "v1"
    assert stage.properties["TracingEnabled"] is True
    assert settings["ThrottlingRateLimit"] > 0
    assert settings["DataTraceEnabled"] is False
    assert "$context.status" in stage.properties["AccessLogSetting"]["Format"]
    assert "$context.path" not in stage.properties["AccessLogSetting"]["Format"]


def test_resources_that_the_emulator_lacks_have_a_condition() -> None:
    account_only = {
        "AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::RDS::DBProxy", "AWS::KMS::Key", "AWS::WAFv2::WebACL",
        "AWS::WAFv2::WebACLAssociation", "AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::ApiMapping",
        "AWS::ApiGateway::Account",
    }  # fmt: skip
    found = [
        (path, name, resource)
        for path, template in templates().items()
        for name, resource in template["Resources"].items()
        if resource["Type"] in account_only
    ]

    assert {resource["Type"] for _, _, resource in found} == account_only
    always = [f"{path.name}:{name}" for path, name, resource in found if "Condition" not in resource]
    assert always == ["proxy.yaml:Proxy"], "the root template makes the whole of proxy.yaml conditional"
    root = templates()[ROOT_TEMPLATE]["Resources"]
    assert root["ProxyStack"]["Properties"]["TemplateURL"] == "infra/proxy.yaml"
    assert root["ProxyStack"]["Condition"] == "HasProxy"


def test_layers_are_built_with_hash_checked_bytecode() -> None:
    common = (ROOT / "layers" / "common.mk").read_text()

    assert "--invalidation-mode unchecked-hash" in common
    for layer in resources("AWS::Lambda::LayerVersion"):
        folder = layer.properties["LayerName"]["Fn::Sub"].rpartition("-")[2]
        assert "$(compile)" in (ROOT / "layers" / folder / "Makefile").read_text()
