"""Address and login of Postgres."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """`ca_file` holds the authorities to trust instead of those that `falachefe.db.tls` chooses for the host."""

    username: str
    password: str
    host: str
    port: int
    dbname: str
    ssl: bool = True
    ca_file: Path | None = None

    @classmethod
    def of(cls, endpoint: str, login: Mapping[str, Any]) -> "DatabaseAddress":
        """`endpoint` is `postgresql://host:port/name?ssl=true`; `login` is a secret with `username` and `password`.

        They are separate because a rotated password must reach functions without a deployment. Raises `ValueError` for
        any other form of endpoint: a misread one could mean a connection without TLS.
        """
        parts = urlsplit(endpoint)
        ssl = parse_qs(parts.query).get("ssl", ["true"])[-1]
        dbname = parts.path.removeprefix("/")
        if parts.scheme != "postgresql" or not parts.hostname or not dbname or ssl not in ("true", "false"):
            raise ValueError(f"not an endpoint of Postgres: {endpoint!r}")
        return cls(login["username"], login["password"], parts.hostname, parts.port or 5432, dbname, ssl == "true")
