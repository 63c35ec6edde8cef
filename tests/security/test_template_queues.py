"""The queues of the templates match the policies of their workers."""

from typing import Any

import pytest

from falachefe.aws.queue_policies import MAX_BACKOFF_S, MAX_RECEIVES, QUEUES, RETENTION_S
from tests.integration.queues.sqs_standin import QueueFacts, deployed_queues
from tests.security.template_resources import resources

DEPLOYED = deployed_queues()
GAUGES = (
    "outbox_oldest_seconds",
    "queued_oldest_seconds",
    "received_oldest_seconds",
    "uncertain_oldest_seconds",
    "messages_put_aside",
)


def test_every_queue_with_a_worker_has_a_policy() -> None:
    assert set(DEPLOYED) == set(QUEUES)


@pytest.mark.parametrize("facts", DEPLOYED.values(), ids=str)
def test_a_queue_moves_no_message_to_the_dead_letter_queue_too_early(facts: QueueFacts) -> None:
    """Workers quarantine faulty messages themselves; a message that waits for a dependency may wait for days."""
    policy = QUEUES[facts.name]
    assert facts.max_receives == MAX_RECEIVES
    assert facts.retention_s == RETENTION_S
    assert policy.backoff_s[-1] == MAX_BACKOFF_S
    assert facts.max_receives * MAX_BACKOFF_S > 3 * 86_400
    assert policy.min_remaining_s < facts.timeout_s


@pytest.mark.parametrize("facts", DEPLOYED.values(), ids=str)
def test_a_faulty_deploy_of_some_minutes_quarantines_no_message(facts: QueueFacts) -> None:
    policy = QUEUES[facts.name]
    assert sum(policy.backoff_after(failure) for failure in range(1, policy.tries)) >= 300


@pytest.mark.parametrize("gauge", GAUGES)
def test_every_backlog_metric_has_an_alarm(gauge: str) -> None:
    alarms: list[Any] = [one.properties for one in resources("AWS::CloudWatch::Alarm")]
    (alarm,) = [one for one in alarms if one.get("MetricName") == gauge]
    assert alarm["Namespace"] == {"Fn::Sub": "Falachefe/${Stage}"}
    assert alarm["Dimensions"] == [
        {"Name": "service", "Value": "sweep"},
        {"Name": "stage", "Value": {"Ref": "Stage"}},
    ]
    assert alarm["AlarmActions"]


def test_deliveries_that_were_verified_later_have_an_alarm() -> None:
    alarms: list[Any] = [one.properties for one in resources("AWS::CloudWatch::Alarm")]
    (alarm,) = [one for one in alarms if one.get("MetricName") == "webhook_verified_later_total"]
    assert alarm["Dimensions"] == [
        {"Name": "service", "Value": "process-inbound"},
        {"Name": "provider", "Value": "uaz"},
        {"Name": "result", "Value": "verified"},
    ]
