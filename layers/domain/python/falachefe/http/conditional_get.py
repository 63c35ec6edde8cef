"""Cacheable responses that clients revalidate by entity tag (RFC 9110)."""

import hashlib
from dataclasses import dataclass
from typing import Final, Self

from aws_lambda_powertools.event_handler import Response

FOREVER: Final = "public, max-age=31536000, immutable"
"""For URLs that contain the content's version."""
ASK_AGAIN: Final = "no-cache"
"""Cached, but revalidated before each use."""


@dataclass(frozen=True, slots=True)
class Text:
    """A static text with its entity tag."""

    body: str
    content_type: str
    etag: str

    @classmethod
    def of(cls, body: str, content_type: str) -> Self:
        # Weak, as the same text is sent both compressed and uncompressed.
        return cls(body, content_type, f'W/"{hashlib.sha256(body.encode()).hexdigest()[:32]}"')

    def answer(self, if_none_match: str | None, cache_control: str, *, policy: str | None = None) -> Response[str]:
        """The text, or 304 if the client has it. `policy` is a page's Content-Security-Policy."""
        headers: dict[str, str | list[str]] = {"ETag": self.etag, "Cache-Control": cache_control}
        if policy is not None:
            headers["Content-Security-Policy"] = policy
        if _matches(if_none_match, self.etag):
            return Response(304, body="", headers=headers)
        return Response(200, self.content_type, self.body, headers=headers)


def _matches(if_none_match: str | None, etag: str) -> bool:
    """Compares weakly, as RFC 9110 requires for If-None-Match."""
    tags = {part.strip().removeprefix("W/") for part in (if_none_match or "").split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags
