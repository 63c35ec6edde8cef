"""Answers that a client may keep, and asks for again by their entity tag (RFC 9110)."""

import hashlib
from dataclasses import dataclass
from typing import Final, Self

from aws_lambda_powertools.event_handler import Response

FOREVER: Final = "public, max-age=31536000, immutable"
"""For addresses that name the version of what is there."""
ASK_AGAIN: Final = "no-cache"
"""Kept, but asked for by its tag before it is used."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that many ask for."""

    body: str
    content_type: str
    etag: str

    @classmethod
    def of(cls, body: str, content_type: str) -> Self:
        # Weak, as the same text goes out compressed and plain.
        return cls(body, content_type, f'W/"{hashlib.sha256(body.encode()).hexdigest()[:32]}"')

    def answer(self, if_none_match: str | None, cache_control: str, *, policy: str | None = None) -> Response[str]:
        """The text, or 304 for those who have it. `policy` is a page's own Content-Security-Policy."""
        headers: dict[str, str | list[str]] = {"ETag": self.etag, "Cache-Control": cache_control}
        if policy is not None:
            headers["Content-Security-Policy"] = policy
        if _knows(if_none_match, self.etag):
            return Response(304, body="", headers=headers)
        return Response(200, self.content_type, self.body, headers=headers)


def _knows(if_none_match: str | None, etag: str) -> bool:
    """Weakly compared, as the RFC wants it of If-None-Match."""
    tags = {part.strip().removeprefix("W/") for part in (if_none_match or "").split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags
