"""What an audit row says of a change, and what it keeps to itself. Pure."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from ipaddress import ip_address, ip_network
from typing import Any, Final
from uuid import UUID

from falachefe.kernel.events import Json

MASK: Final = "***"
LONGEST_VALUE: Final = 500
_PRIVATE: Final = ("password", "secret", "token", "api_key", "cpf", "cnpj", "phone", "email", "salary")


def changed_fields(
    before: Mapping[str, Any], after: Mapping[str, Any], masked: Collection[str] = ()
) -> dict[str, dict[str, Json]]:
    """The fields whose values differ, with both values; a masked one only says whether there was something."""
    fields = dict.fromkeys([*before, *after])
    return {
        name: {"old": _shown(name, before.get(name), masked), "new": _shown(name, after.get(name), masked)}
        for name in fields
        if before.get(name) != after.get(name)
    }


def _shown(name: str, value: Any, masked: Collection[str]) -> Json:
    if value is None:
        return None
    if name in masked or any(part in name.lower() for part in _PRIVATE):
        return MASK
    return _json(value)


def _json(value: Any) -> Json:
    match value:
        case bool() | int() | float():
            return value
        case date() | datetime():
            return value.isoformat()
        case Decimal() | UUID():
            return str(value)
        case list() | tuple():
            return [_json(one) for one in value]
        case dict():
            return {str(key): _json(one) for key, one in value.items()}
    text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def masked_address(address: str | None) -> str | None:
    """`203.0.113.77` as `203.0.113.0`, an IPv6 address as its /48: where from, not who. None for what is no address."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return None
    network = ip_network(f"{known}/{24 if known.version == 4 else 48}", strict=False)
    return str(network.network_address)
