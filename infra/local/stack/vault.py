"""The instance's secrets: generated once, kept in its directory, written to Secrets Manager at every deploy."""

import json
import secrets
from pathlib import Path
from typing import Any

from infra.local.front_door.identity import CLIENT_ID, CLIENT_SECRET, PROVIDERS

DATABASE = "falachefe"
_MADE = ("owner_password", "pepper", "token_key")


class Vault:
    def __init__(self, path: Path) -> None:
        self._made = self._load(path)

    def values(self) -> dict[str, dict[str, Any]]:
        """Secrets by their name below `falachefe/<stage>/`, in the form that the functions read."""
        return {
            "pepper": {"pepper": self._made["pepper"]},
            "signing-key": {"seed": self._made["token_key"]},
            "oauth": {name: {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} for name in PROVIDERS},
        }

    def owner(self) -> dict[str, str]:
        """The login that owns the database. As with any existing Postgres, it is created before the stack."""
        return {"username": "falachefe_owner", "password": self._made["owner_password"]}

    @staticmethod
    def _load(path: Path) -> dict[str, str]:
        try:
            known: dict[str, str] = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            known = {name: secrets.token_urlsafe(32) for name in _MADE}
            path.touch(mode=0o600)
            path.write_text(json.dumps(known))
        return known
