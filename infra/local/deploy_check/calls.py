"""The AWS calls of each function, recorded during the stack's tests: `calls.json`.

make record-calls   runs the stack's tests and writes the file

A line is `<service>:<operation> <resource>`, with the stage `local` and without anybody's ids.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

RECORDED: Final = Path(__file__).with_name("calls.json")
RECORDER: Final = Path(__file__).with_name("recorder")
FOLDER: Final = "FALACHEFE_RECORD_CALLS"
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

type Calls = Mapping[str, list[str]]
"""Sorted lines by the function's name without product and stage."""


def read(path: Path = RECORDED) -> Calls:
    known: Calls = json.loads(path.read_text()) if path.exists() else {}
    return known


def recorded(folder: Path) -> Calls:
    """The calls that the recorder wrote into `folder`."""
    found: dict[str, set[str]] = {}
    for file in folder.glob("*.jsonl"):
        lines = {line for one in file.read_text().splitlines() for line in lines_of(json.loads(one))}
        found[file.stem.removeprefix("falachefe-local-")] = lines
    return {name: sorted(found[name]) for name in sorted(found)}


def lines_of(call: Mapping[str, Any]) -> list[str]:
    service, operation = call["service"], call["operation"]
    if operation == "TransactWriteItems":
        return [f"{service}:{kind} table/{table}" for kind, table in (write.split(" ") for write in call["writes"])]
    return [f"{service}:{operation} {_ID.sub('<id>', _resource(call))}"]


def _resource(call: Mapping[str, Any]) -> str:
    if "TableName" in call:
        return f"table/{call['TableName']}"
    if "QueueUrl" in call:
        return str(call["QueueUrl"]).rpartition("/")[2]
    if "SecretId" in call:
        name = str(call["SecretId"])
        # Secrets Manager ends an ARN with six random characters.
        return "secret:" + (re.sub(r"-[A-Za-z0-9]{6}$", "", name.split(":secret:")[1]) if ":secret:" in name else name)
    if "Bucket" in call:
        key = str(call.get("Key", ""))
        return f"{call['Bucket']}/{key.partition('/')[0]}/…" if key else str(call["Bucket"])
    if "EventBusName" in call:
        return f"event-bus/{call['EventBusName']}"
    return str(call.get("TopicArn") or call.get("ModelId") or "*")


def main(folder: Path) -> int:
    calls = recorded(folder)
    if not calls:
        print(f"{folder} holds no calls", file=sys.stderr)
        return 1
    RECORDED.write_text(json.dumps(calls, indent=1, ensure_ascii=False) + "\n")
    print(f"{RECORDED.name}: {sum(map(len, calls.values()))} calls of {len(calls)} functions")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
