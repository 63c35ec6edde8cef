"""REST schemas of posts."""

import re
from datetime import datetime
from typing import Annotated, TypedDict
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field

from falachefe.kernel.errors import InvalidValue
from falachefe.kernel.text import one_line, paragraphs
from falachefe.posts import slugs
from falachefe.resources.schemas import Document, Input

LONGEST_CONTENT = 20_000


def _text(value: object) -> object:
    return paragraphs(value) if isinstance(value, str) else value


def _title(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value


def _moment(value: object) -> object:
    """Accepts only date and time as text: Pydantic would read a number as seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", value)):
        return value
    raise InvalidValue("Use uma data com hora, como 2026-11-22T12:00:00-03:00.")


Title = Annotated[str, BeforeValidator(_title), Field(min_length=1, max_length=255, examples=["Novo horário"])]
Content = Annotated[
    str, BeforeValidator(_text), Field(min_length=1, max_length=LONGEST_CONTENT, examples=["A partir…"])
]
Slug = Annotated[str, Field(max_length=slugs.LONGEST, pattern=slugs.PATTERN, examples=["novo-horario"])]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]


class PostChange(Input):
    title: Title
    content: Content
    slug: Slug
    author_id: UUID
    """Only editors may set another author."""
    published_at: Moment | None = None
    """None for a draft; a time in the future schedules the publication."""


class PostIn(Input):
    title: Title
    content: Content
    slug: Slug | None = None
    """Made from the title when it is missing."""
    author_id: UUID | None = None
    """The caller, unless an editor says otherwise."""
    published_at: Moment | None = None


class PostOut(Document):
    title: str
    content: str
    slug: str
    author_id: UUID
    author_name: str | None = None
    view_count: int
    """Not part of the version: a view does not change the `ETag`."""
    published_at: datetime | None


class Views(TypedDict):
    view_count: Annotated[int, Field(ge=1, examples=[42])]
