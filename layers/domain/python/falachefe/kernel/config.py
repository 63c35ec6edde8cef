"""Configuration: one frozen dataclass per concern, read from the environment."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Self


class MissingSetting(RuntimeError):
    """A required environment variable is missing or invalid."""


class Settings:
    """Base of frozen dataclasses whose fields are environment variables in upper case.

    Fields are `str`, `int` or `bool`; a field without a default must be set.
    """

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Raises `MissingSetting` naming every variable that is missing or invalid."""
        source = os.environ if environ is None else environ
        values: dict[str, object] = {}
        wrong: list[str] = []
        for item in fields(cls):  # type: ignore[arg-type]  # subclasses are dataclasses
            name = item.name.upper()
            raw = source.get(name, "")
            if not raw:
                if item.default is MISSING:
                    wrong.append(name)
                continue
            try:
                values[item.name] = _read(raw, item.type)
            except ValueError:
                wrong.append(f"{name} (unreadable)")
        if wrong:
            raise MissingSetting(f"{cls.__name__} needs {', '.join(wrong)}")
        return cls(**values)


def required(name: str) -> str:
    """One variable whose name is made at run time, such as a queue's or a table's. Raises `MissingSetting`."""
    value = os.environ.get(name)
    if not value:
        raise MissingSetting(f"this function needs {name}")
    return value


def _read(raw: str, kind: object) -> object:
    if kind in (int, "int"):
        return int(raw)
    if kind in (bool, "bool"):
        if raw.lower() not in ("true", "false", "1", "0"):
            raise ValueError(raw)
        return raw.lower() in ("true", "1")
    return raw
