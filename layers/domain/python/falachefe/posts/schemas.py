"""REST schemas of posts."""

from datetime import datetime
from typing import Annotated, TypedDict
from uuid import UUID

from pydantic import BeforeValidator, Field

from falachefe.kernel.text import one_line, paragraphs
from falachefe.posts import slugs
from falachefe.resources.schemas import Document, Input, Moment

LONGEST_CONTENT = 20_000


def _text(value: object) -> object:
    return paragraphs(value) if isinstance(value, str) else value


def _title(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value


Title = Annotated[str, BeforeValidator(_title), Field(min_length=1, max_length=255, examples=["Novo horário"])]
Content = Annotated[
    str, BeforeValidator(_text), Field(min_length=1, max_length=LONGEST_CONTENT, examples=["A partir…"])
]
Slug = Annotated[str, Field(max_length=slugs.LONGEST, pattern=slugs.PATTERN, examples=["novo-horario"])]


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
