"""A DynamoDB table with `pk`, `sk` and `expires_at`, in plain Python values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

type Item = dict[str, Any]


class ConditionFailed(Exception):
    """A write's condition did not hold. `item` is the existing item (empty when there was none)."""

    def __init__(self, item: Item) -> None:
        super().__init__("a conditional write met another state")
        self.item = item


@dataclass(frozen=True, slots=True)
class Put:
    """A write of `Table.together`."""

    item: Mapping[str, Any]
    condition: str | None = None
    values: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """A write of `Table.together`."""

    pk: str
    sk: str


class Table:
    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self.name = name

    def get(self, pk: str, sk: str, *, consistent: bool = True) -> Item | None:
        """The item, or None. Callers must check `expires_at`: DynamoDB removes expired items much later."""
        answer = self._client.get_item(
            TableName=self.name, Key=to_item({"pk": pk, "sk": sk}), ConsistentRead=consistent
        )
        return from_item(answer["Item"]) if "Item" in answer else None

    def put(
        self,
        item: Mapping[str, Any],
        *,
        condition: str | None = None,
        values: Mapping[str, Any] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        """Raises `ConditionFailed` when `condition` does not hold."""
        self._write("put_item", {"Item": to_item(item)}, condition, values, names)

    def update(
        self,
        pk: str,
        sk: str,
        expression: str,
        values: Mapping[str, Any] | None = None,
        *,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
    ) -> Item:
        """The item after the update. Raises `ConditionFailed` when `condition` does not hold."""
        request = {"Key": to_item({"pk": pk, "sk": sk}), "UpdateExpression": expression, "ReturnValues": "ALL_NEW"}
        return from_item(self._write("update_item", request, condition, values, names)["Attributes"])

    def delete(
        self, pk: str, sk: str, *, condition: str | None = None, values: Mapping[str, Any] | None = None
    ) -> Item | None:
        """The item that was deleted, or None. Raises `ConditionFailed` when `condition` does not hold."""
        request = {"Key": to_item({"pk": pk, "sk": sk}), "ReturnValues": "ALL_OLD"}
        old = self._write("delete_item", request, condition, values, None).get("Attributes")
        return from_item(old) if old else None

    def together(self, *writes: Put | Delete) -> None:
        """Writes all or none. Raises `ConditionFailed` when a condition does not hold or a transaction conflicts."""
        try:
            self._client.transact_write_items(TransactItems=[self._transacted(write) for write in writes])
        except self._client.exceptions.TransactionCanceledException as error:
            reasons = error.response.get("CancellationReasons", [])
            if any(reason["Code"] in ("ConditionalCheckFailed", "TransactionConflict") for reason in reasons):
                raise ConditionFailed({}) from None
            raise

    def _transacted(self, write: Put | Delete) -> dict[str, Any]:
        if isinstance(write, Delete):
            return {"Delete": {"TableName": self.name, "Key": to_item({"pk": write.pk, "sk": write.sk})}}
        request: dict[str, Any] = {"TableName": self.name, "Item": to_item(write.item)}
        if write.condition:
            request["ConditionExpression"] = write.condition
        if write.values:
            request["ExpressionAttributeValues"] = to_item(write.values)
        return {"Put": request}

    def query(self, pk: str, sk_prefix: str = "", *, limit: int | None = None, forward: bool = True) -> list[Item]:
        """All items of a partition whose `sk` begins with `sk_prefix`, ordered by it; all pages up to `limit`."""
        values = {":pk": pk} | ({":sk": sk_prefix} if sk_prefix else {})
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "pk = :pk" + (" and begins_with(sk, :sk)" if sk_prefix else ""),
            "ExpressionAttributeValues": to_item(values),
            "ScanIndexForward": forward,
            "ConsistentRead": True,
        }
        items: list[Item] = []
        while True:
            if limit is not None:
                request["Limit"] = limit - len(items)
            page = self._client.query(**request)
            items += [from_item(item) for item in page["Items"]]
            key = page.get("LastEvaluatedKey")
            if not key or (limit is not None and len(items) >= limit):
                return items
            request["ExclusiveStartKey"] = key

    def expired(self, now: int) -> Iterator[Item]:
        """Every item whose `expires_at` has passed: scans the whole table page by page, for a clean-up job."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "FilterExpression": "expires_at <= :now",
            "ExpressionAttributeValues": to_item({":now": now}),
        }
        while True:
            page = self._client.scan(**request)
            yield from (from_item(item) for item in page["Items"])
            if not page.get("LastEvaluatedKey"):
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _write(
        self,
        operation: str,
        request: dict[str, Any],
        condition: str | None,
        values: Mapping[str, Any] | None,
        names: Mapping[str, str] | None,
    ) -> dict[str, Any]:
        request["TableName"] = self.name
        if condition:
            request["ConditionExpression"] = condition
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if values:
            request["ExpressionAttributeValues"] = to_item(values)
        if names:
            request["ExpressionAttributeNames"] = dict(names)
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**request)
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise ConditionFailed(from_item(error.response.get("Item", {}))) from None
        except self._client.exceptions.TransactionConflictException:
            if condition is None:
                raise
            raise ConditionFailed({}) from None  # a transaction writes there just now: look again
        return answer


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _typed(value) for name, value in values.items()}


def from_item(item: Mapping[str, Any]) -> Item:
    return {name: _plain(value) for name, value in item.items()}


def _typed(value: Any) -> dict[str, Any]:  # noqa: PLR0911  # one line a type reads best
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case list() | tuple():
            return {"L": [_typed(element) for element in value]}
        case set() | frozenset():
            return {"SS": sorted(value)}
        case dict():
            return {"M": to_item(value)}
    raise TypeError(f"DynamoDB items here hold no {type(value).__name__}")


def _plain(typed: Mapping[str, Any]) -> Any:
    ((kind, value),) = typed.items()
    match kind:
        case "N":
            return int(value)
        case "NULL":
            return None
        case "L":
            return [_plain(element) for element in value]
        case "SS":
            return set(value)
        case "M":
            return from_item(value)
    return value
