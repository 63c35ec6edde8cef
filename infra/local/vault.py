"""The instance's secrets: made once, kept in its directory, written to Secrets Manager at every deploy."""

import json
import secrets
from pathlib import Path
from typing import Any

from infra.local.front_door.identity import CLIENT_ID, CLIENT_SECRET, PROVIDERS
from infra.local.postgres import PostgresAddress

DATABASE = "falachefe"
_MADE = ("owner_password", "app_password", "pepper", "token_key")


class Vault:
    def __init__(self, path: Path, address: PostgresAddress) -> None:
        self._address = address
        self._made = self._load(path)

    def values(self) -> dict[str, dict[str, Any]]:
        """Secrets by their name under `falachefe/<stage>/`, in the shapes that the functions read."""
        return {
            "database/owner": self._login("falachefe_owner", "owner_password"),
            "database/app": self._login("falachefe_app", "app_password"),
            "auth": {
                "pepper": self._made["pepper"],
                "jwt": {"active": "k1", "keys": {"k1": self._made["token_key"]}},
            },
            "oauth": {name: {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} for name in PROVIDERS},
        }

    def _login(self, username: str, password: str) -> dict[str, Any]:
        return {
            "username": username,
            "password": self._made[password],
            "host": self._address.host,
            "port": self._address.port,
            "dbname": DATABASE,
            "ssl": False,
        }

    @staticmethod
    def _load(path: Path) -> dict[str, str]:
        try:
            known: dict[str, str] = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            known = {
                name: secrets.token_urlsafe(32) for name in ("owner_password", "app_password", "pepper", "token_key")
            }
            path.touch(mode=0o600)
            path.write_text(json.dumps(known))
        return known
