"""DynamoDB with eventually consistent reads that miss the last write."""

from typing import Any


class LaggingClient:
    """A client whose reads without `ConsistentRead` do not see the last write to each item."""

    _WRITES = ("put_item", "update_item", "delete_item")

    def __init__(self, client: Any) -> None:
        self._client = client
        self._before: dict[tuple[str, str], dict[str, Any] | None] = {}

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._client, name)
        if name not in self._WRITES:
            return operation

        def write(**request: Any) -> Any:
            place = request.get("Key") or {key: request["Item"][key] for key in ("pk", "sk")}
            before = self._client.get_item(TableName=request["TableName"], Key=place, ConsistentRead=True).get("Item")
            answer = operation(**request)
            self._before[_name(place)] = before
            return answer

        return write

    def transact_write_items(self, **request: Any) -> Any:
        for one in request["TransactItems"]:
            ((_, write),) = one.items()
            place = write.get("Key") or {key: write["Item"][key] for key in ("pk", "sk")}
            before = self._client.get_item(TableName=write["TableName"], Key=place, ConsistentRead=True).get("Item")
            self._before[_name(place)] = before
        return self._client.transact_write_items(**request)

    def get_item(self, **request: Any) -> Any:
        place = _name(request["Key"])
        if request.get("ConsistentRead") or place not in self._before:
            return self._client.get_item(**request)
        before = self._before[place]
        return {} if before is None else {"Item": before}

    def query(self, **request: Any) -> Any:
        answer = self._client.query(**request)
        if not request.get("ConsistentRead"):
            items = [self._before.get(_name(item), item) for item in answer["Items"]]
            answer["Items"] = [item for item in items if item is not None]
        return answer


def _name(place: dict[str, Any]) -> tuple[str, str]:
    return place["pk"]["S"], place["sk"]["S"]
