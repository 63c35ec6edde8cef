"""Response headers of deprecated routes (RFC 9745 `Deprecation`, RFC 8594 `Sunset`)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Since when a route is deprecated and when it is removed, both with a time zone.

    `successor` and `documentation` are URLs, which may be relative: the route to use instead, and the explanation.
    """

    deprecated: datetime
    sunset: datetime
    successor: str | None = None
    documentation: str | None = None

    def __post_init__(self) -> None:
        if self.deprecated.tzinfo is None or self.sunset.tzinfo is None:
            raise ValueError("the moments of a deprecation need a time zone")
        if self.sunset < self.deprecated:
            raise ValueError("a route is deprecated before it goes away")  # RFC 9745, section 4

    def headers(self) -> dict[str, str]:
        links = [
            f'<{url}>; rel="{relation}"'
            for url, relation in ((self.documentation, "deprecation"), (self.successor, "successor-version"))
            if url is not None
        ]
        found = {
            "Deprecation": f"@{int(self.deprecated.timestamp())}",
            "Sunset": format_datetime(self.sunset.astimezone(UTC), usegmt=True),
        }
        return found | ({"Link": ", ".join(links)} if links else {})
