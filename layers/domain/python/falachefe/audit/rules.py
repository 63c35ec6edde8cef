"""What an audit entry records of a change, and what it masks. Pure."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from ipaddress import ip_address, ip_network
from typing import Any, Final
from uuid import UUID, uuid5

from falachefe.audit.masking import MASK, masked_text
from falachefe.kernel.events import Json

_NAMED: Final = UUID("6f1c3f0e-93a5-5d0c-8a6e-2f4f0f6b7c11")
MAX_VALUE_LENGTH: Final = 500
MAX_NUMBER: Final = 10**8
"""Numbers from here on are masked: they may be a document or a phone without punctuation."""
_PLACES: Final = 6
"""Decimal places that are kept; more digits could look like a document."""
_MAX_DEPTH: Final = 8
_PRIVATE: Final = (
    *("password", "secret", "token", "api_key", "key_hash", "authorization", "cookie", "senha"),
    *("cpf", "cnpj", "phone", "telefone", "celular", "email", "e_mail", "salary", "salario"),
)


def changed_fields(
    before: Mapping[str, Any], after: Mapping[str, Any], masked: Collection[str] = ()
) -> dict[str, dict[str, Json]]:
    """The fields whose values differ, with both values; a masked field only shows whether it had a value.

    E-mails, phones, CPFs, CNPJs and tokens are masked inside every value.
    """
    fields = dict.fromkeys([*before, *after])
    return {
        name: {"old": _shown(name, before.get(name), masked), "new": _shown(name, after.get(name), masked)}
        for name in fields
        if before.get(name) != after.get(name)
    }


def _shown(name: str, value: Any, masked: Collection[str] = (), depth: int = 0) -> Json:
    if value is None:
        return None
    if name in masked or any(part in name.lower() for part in _PRIVATE):
        return MASK
    return _json(value, depth)


def _json(value: Any, depth: int) -> Json:  # noqa: PLR0911  # one line a type reads best
    match value:
        case bool():
            return value
        case int() | float() | Decimal():
            return _number(value)
        case date() | datetime():
            return value.isoformat()
        case UUID():
            return str(value)
    if depth >= _MAX_DEPTH:
        return MASK
    match value:
        case list() | tuple() | set() | frozenset():
            return [None if one is None else _json(one, depth + 1) for one in value]
        case dict():
            return {masked_text(str(key)): _shown(str(key), one, (), depth + 1) for key, one in value.items()}
    text = masked_text(str(value))
    return text if len(text) <= MAX_VALUE_LENGTH else f"{text[:MAX_VALUE_LENGTH]}…"


def _number(value: float | Decimal) -> Json:
    if isinstance(value, int):
        return value if abs(value) < MAX_NUMBER else MASK
    exact = Decimal(str(value))
    if not exact.is_finite() or abs(exact) >= MAX_NUMBER:
        return MASK
    places = exact.as_tuple().exponent
    if isinstance(places, int) and places < -_PLACES:
        exact = round(exact, _PLACES)
    return float(exact) if isinstance(value, float) else str(exact)


def masked_address(address: str | None) -> str | None:
    """`203.0.113.77` as `203.0.113.0`, an IPv6 address as its /48 network. None for what is not an address."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return None
    network = ip_network(f"{known}/{24 if known.version == 4 else 48}", strict=False)
    return str(network.network_address)


def id_of(kind: str, name: str) -> UUID:
    """An identifier for what has a name instead of one: an audit entry needs one."""
    return uuid5(_NAMED, f"{kind}/{name}")
