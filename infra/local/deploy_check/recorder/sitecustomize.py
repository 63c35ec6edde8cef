"""Notes every AWS call of a function that runs on the emulator.

Python imports this by its name when its folder is on the path, which infra/local/stack/emulator.py puts there only if
FALACHEFE_RECORD_CALLS names a folder; no function is deployed with it.
"""

import importlib.util
import json
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

_KEPT = ("TableName", "QueueUrl", "SecretId", "Bucket", "Key", "EventBusName", "TopicArn", "ModelId")


def _note(service: str, operation: str, parameters: dict[str, Any]) -> None:
    function, folder = os.environ.get("AWS_LAMBDA_FUNCTION_NAME"), os.environ.get("FALACHEFE_RECORD_CALLS")
    if not function or not folder:
        return
    call: dict[str, Any] = {"service": service, "operation": operation}
    call |= {name: parameters[name] for name in _KEPT if isinstance(parameters.get(name), str)}
    if operation == "TransactWriteItems":
        call["writes"] = sorted(
            {f"{kind}Item {write['TableName']}" for item in parameters["TransactItems"] for kind, write in item.items()}
        )
    if operation == "PutEvents":
        call["EventBusName"] = parameters["Entries"][0].get("EventBusName", "default")
    with open(os.path.join(folder, f"{function}.jsonl"), "a") as file:  # noqa: PTH118, PTH123  # imported by every process
        file.write(json.dumps(call, sort_keys=True) + "\n")


def _watch(client: Any) -> None:
    made = client.BaseClient._make_api_call

    def make(self: Any, operation: str, parameters: dict[str, Any]) -> Any:
        _note(self.meta.service_model.service_name, operation, parameters)
        return made(self, operation, parameters)

    client.BaseClient._make_api_call = make


class _OnImport(MetaPathFinder):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002
        if name != "botocore.client":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def load_and_watch(module: Any) -> None:
            load(module)
            _watch(module)

        spec.loader.exec_module = load_and_watch  # type: ignore[method-assign]
        return spec


if os.environ.get("FALACHEFE_RECORD_CALLS"):
    sys.meta_path.insert(0, _OnImport())
