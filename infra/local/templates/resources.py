"""A function's CloudFormation resources: the function, its role, log group, queue, dead-letter queue and alarms."""

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from infra.local.templates.declared import Api, Function, Queue, queues_named
from infra.local.templates.names import logical_of, queue_variable, variable_of
from infra.local.templates.schedules import heartbeat
from infra.local.templates.text import filled

_PARTS: Final = Path(__file__).parent / "parts"
_HERE: Final = "${AWS::Region}:${AWS::AccountId}"
_FIFO: Final = "FifoQueue: true", "DeduplicationScope: messageGroup", "FifoThroughputLimit: perMessageGroupId"
_GIVEN_UP: Final = "Messages are in a dead-letter queue; see docs/runbooks/stuck-queue.md"


def _part(name: str, /, **values: object) -> str:
    return filled(_PARTS / f"{name}.yaml", **values)


def api_resources(domain: str, api: Api) -> str:
    return _part("api", domain=domain, a_second=api.a_second, burst=api.burst)


def function_resources(function: Function, folder: Path) -> str:
    own = _part(
        "function",
        about=_first_line(folder / f"{function.handler}.py"),
        domain=function.domain,
        name=function.name,
        logical=function.logical,
        handler=function.handler,
        memory=function.memory,
        timeout=function.timeout,
        properties=_properties(function),
        variables="".join(f"          {name}: {value}\n" for name, value in _variables(function).items()),
        events=_events(function),
        network_policy=_part("network_policy") if function.in_network else "",
        statements=_statements(function),
    )
    return own + _around(function)


def _first_line(handler: Path) -> str:
    return (ast.get_docstring(ast.parse(handler.read_text())) or handler.stem).splitlines()[0].rstrip(".")


def _properties(function: Function) -> str:
    names = function.layers or ("Dependencies", *(["Agents"] if function.model else []), "Domain")
    layers = f"      Layers: [{', '.join(f'!Ref {name}LayerArn' for name in names)}]\n"
    snapshot = "      SnapStart: !If [HasSnapStart, {ApplyOn: PublishedVersions}, !Ref AWS::NoValue]\n"
    return "".join(
        (
            snapshot if function.routes else "",
            layers,
            _part("network") if function.in_network else "",
            _part("on_failure", logical=function.logical) if function.dead_letters else "",
            *(f"      {line}\n" for line in function.properties.splitlines()),
        )
    )


def _variables(function: Function) -> dict[str, str]:
    name = function.name
    own = [function.queue.name] if function.queue and "$" not in function.queue.name else []
    queues = dict.fromkeys(queues_named((*own, *function.sends, *function.watches)))
    return (
        {"POWERTOOLS_SERVICE_NAME": f"!Sub {name}" if "$" in name else name}
        | {variable_of(secret): f"!Ref {secret}" for secret in function.secrets}
        | {variable_of(table): f"!Ref {table}" for table in function.tables}
        | {queue_variable(queue): f"!Sub ${{QueueUrlPrefix}}{queue}" for queue in queues}
        | ({"EVENT_BUS_NAME": "!Ref EventBusName"} if function.publishes else {})
        | ({"MODEL_SECRET_ARN": "!Ref ModelSecretArn"} if function.model else {})
        | ({"BEDROCK_REGION": '!If [HasBedrock, !Ref AWS::Region, ""]'} if function.model else {})
        | dict(function.variables)
    )


def _events(function: Function) -> str:
    events = [
        f'        {event}: {{Type: Api, Properties: {{RestApiId: !Ref Api, Path: "{path}", Method: {method}}}}}\n'
        for event, (method, path) in ((event, route.split(" ")) for event, route in function.routes.items())
    ]
    if queue := function.queue:
        events.append(_part("queue_event", queue=_logical(queue), batch=queue.batch, at_once=queue.at_once))
    if function.schedule:
        events.append(
            _part(
                "schedule_event",
                domain=function.domain,
                name=function.name,
                expression=function.schedule,
                too_late=function.too_late,
            )
        )
    if function.on:
        events.append(_part("bus_event", logical=function.logical, types=", ".join(function.on)))
    return "      Events:\n" + "".join(events) if events else ""


def _statements(function: Function) -> str:
    logs = f"arn:${{AWS::Partition}}:logs:{_HERE}:log-group:${{{function.logical}LogGroup}}:*"
    secrets = [f"!Ref {name}" for name in (*function.secrets, *(["ModelSecretArn"] if function.model else []))]
    dead = [f"!GetAtt {function.logical}DeadLetters.Arn"] if function.dead_letters else []
    taking = "sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sqs:GetQueueAttributes"
    own = [f"!GetAtt {_logical(function.queue)}.Arn"] if function.queue else []
    rows = [
        ("logs:CreateLogStream logs:PutLogEvents", [f"!Sub {logs}"]),
        ("secretsmanager:GetSecretValue", secrets),
        ("secretsmanager:PutSecretValue", [f"!Ref {name}" for name in function.rotates]),
        *((_prefixed("dynamodb", actions), [_table(name)]) for name, actions in function.tables.items()),
        ("sqs:SendMessage", [*_queues(function.sends), *dead]),
        ("sqs:GetQueueAttributes", _queues(function.watches)),
        (taking, own),
        ("events:PutEvents", [_arn("events", "event-bus/${EventBusName}")] if function.publishes else []),
        *((allowed.actions, [allowed.on]) for allowed in function.allow),
    ]
    return "".join(_statement(actions, on) for actions, on in rows if on) + (
        _part("bedrock_statement") if function.model else ""
    )


def _prefixed(service: str, actions: str) -> str:
    return " ".join(f"{service}:{action}" for action in actions.split())


def _table(parameter: str) -> str:
    return _arn("dynamodb", f"table/${{{parameter}}}")


def _queues(names: tuple[str, ...]) -> list[str]:
    return [_arn("sqs", f"falachefe-${{Stage}}-{name}") for name in queues_named(names)]


def _arn(service: str, rest: str) -> str:
    return f"!Sub arn:${{AWS::Partition}}:{service}:{_HERE}:{rest}"


def _statement(actions: str, on: list[str]) -> str:
    lines = ["              - Effect: Allow", f"                Action: [{', '.join(actions.split())}]"]
    if len(on) == 1:
        lines.append(f"                Resource: {on[0]}")
    else:
        lines += ["                Resource:", *(f"                  - {one}" for one in on)]
    return "\n".join(lines) + "\n"


def _around(function: Function) -> str:
    """The queue and alarms that belong to a function."""
    made = []
    if function.queue:
        made.append(_queue(function, function.queue))
    if function.dead_letters:
        made.append(_dead_letters(function.logical, function.name, "", function.dead_letters))
    if function.on:
        made.append(_part("dead_letters_policy", logical=function.logical))
    if function.schedule:
        here = {"domain": function.domain, "name": function.name, "logical": function.logical}
        made.append(_part("errors_alarm", **here, alarm=function.alarm))
        made.append(_part("heartbeat_alarm", **here, **heartbeat(function.schedule)))
    return "".join(made)


def _logical(queue: Queue) -> str:
    return queue.logical or logical_of(queue.name.removesuffix(".fifo")) + "Queue"


def _queue(function: Function, queue: Queue) -> str:
    stem, suffix = queue.name.removesuffix(".fifo"), ".fifo" if queue.name.endswith(".fifo") else ""
    order = [*_FIFO, "ContentBasedDeduplication: false"] if suffix else []
    delay = [f"DelaySeconds: {queue.delay}"] if queue.delay else []
    dead = logical_of(queue.dead_letters) if queue.dead_letters else _logical(queue)
    return _part(
        "queue",
        logical=_logical(queue),
        queue=queue.name,
        stem=stem,
        properties=_lines([*order, *delay]),
        visibility=6 * function.timeout,
        dead_letters=dead,
        old=queue.old,
    ) + _dead_letters(dead, queue.dead_letters or stem, suffix, _GIVEN_UP)


def _dead_letters(logical: str, name: str, suffix: str, alarm: str) -> str:
    order = _lines(_FIFO) if suffix else ""
    return _part("dead_letters", logical=logical, name=name, suffix=suffix, properties=order, alarm=alarm)


def _lines(properties: Iterable[str]) -> str:
    return "".join(f"      {line}\n" for line in properties)
