"""Posts of a company. Drafts and scheduled posts are visible to their author and to editors only.

Views are counted by a separate request: a GET may be repeated, cached or prefetched. The count is not part of a post's
version, because otherwise views would cause conflicts with edits.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from falachefe.access.staff import names_of
from falachefe.db.advisory_locks import take_advisory_lock
from falachefe.http.principal import Principal
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import Conflict, FieldError, Forbidden, NotFound, invalid_field
from falachefe.posts import slugs
from falachefe.posts.models import Post
from falachefe.posts.schemas import PostChange, PostIn, PostOut
from falachefe.resources.declaration import Hooks, Resource, Values
from falachefe.resources.schemas import partial_of
from falachefe.resources.specifications import Specification, at_most, equals

EDITOR: Final = "posts.edit"
"""With this permission users see and change all posts; others see published posts, and see and change their own."""


def visible_to(who: Principal, now: datetime) -> Specification | None:
    if who.may(EDITOR):
        return None
    return at_most("published_at", now) | equals("author_id", who.user_id)


def count_view(work: RequestUnitOfWork, post_id: UUID) -> int:
    """Counts a view of a published post; returns the new count. Raises `NotFound`.

    One statement increments, so concurrent views all count. The version and `updated_at` stay unchanged.
    """
    counted = work.session.execute(
        update(Post)
        .where(Post.company_id == work.company_id, Post.id == post_id, Post.deleted_at.is_(None))
        .where(Post.published_at <= work.now)
        .values(view_count=Post.view_count + 1, updated_at=Post.updated_at)
        .returning(Post.view_count)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if counted is None:
        raise NotFound("Este registro não existe.")
    return counted


def _create(work: RequestUnitOfWork, values: Values) -> Values:
    author = values["author_id"] or work.who.author_id
    if author is None:
        raise invalid_field("author_id", "Diga quem é o autor: você não é desta empresa.", "author_unknown")
    _check_author(work, author)
    _lock_slugs(work)
    if values["slug"] is None:
        slug = slugs.free_slug(slugs.slug_of(values["title"]), _similar_slugs(work, slugs.slug_of(values["title"])))
    else:
        slug = _check_unused(work, values["slug"])
    return {**values, "author_id": author, "slug": slug}


def _update(work: RequestUnitOfWork, row: Post, changes: Values) -> Values:
    _check_may_edit(work, row)
    if changes.get("author_id", row.author_id) != row.author_id:
        _check_author(work, changes["author_id"])
    if changes.get("slug", row.slug) != row.slug:
        _lock_slugs(work)
        _check_unused(work, changes["slug"])
    return changes


def _restore(work: RequestUnitOfWork, row: Post) -> None:
    _check_may_edit(work, row)
    _lock_slugs(work)
    _check_unused(work, row.slug)


def _check_may_edit(work: RequestUnitOfWork, row: Post) -> None:
    if row.author_id != work.who.user_id and not work.who.may(EDITOR):
        raise Forbidden("Só o autor e quem edita publicações mudam esta.", code="not_the_author")


def _check_author(work: RequestUnitOfWork, author: UUID) -> None:
    if author == work.who.author_id:
        return
    if not work.who.may(EDITOR):
        message = "Só quem edita publicações escolhe o autor."
        raise Forbidden(message, code="not_the_author", errors=(FieldError("author_id", message),))
    if not names_of(work.session, work.company_id, [author]):
        raise invalid_field("author_id", "Esta pessoa não é da empresa.", "author_unknown")


def _lock_slugs(work: RequestUnitOfWork) -> None:
    """Slugs are chosen one at a time, so that a free one is still free when it is written."""
    take_advisory_lock(work.session, f"slugs:{work.company_id}")


def _similar_slugs(work: RequestUnitOfWork, slug: str) -> set[str]:
    """The slugs in use with the same beginning as this one."""
    stem = slug[: slugs.LONGEST // 2]
    statement = select(Post.slug).where(Post.company_id == work.company_id, Post.deleted_at.is_(None))
    return set(work.session.scalars(statement.where(Post.slug.startswith(stem, autoescape=True))))


def _check_unused(work: RequestUnitOfWork, slug: str) -> str:
    if slug in _similar_slugs(work, slug):
        message = "Outra publicação já tem este endereço."
        raise Conflict(message, code="slug_taken", errors=(FieldError("slug", message),))
    return slug


def _authors(work: RequestUnitOfWork, rows: Sequence[Post]) -> list[Mapping[str, Any]]:
    names = names_of(work.session, work.company_id, {row.author_id for row in rows})
    return [{"author_name": names.get(row.author_id)} for row in rows]


POSTS: Final = Resource[Post, PostIn, PostOut](
    name="posts",
    singular="post",
    context="platform",
    domain="platform",
    model=Post,
    read=PostOut,
    create=PostIn,
    update=partial_of(PostChange),
    filter_by=("slug", "title", "author_id", "published_at", "view_count", "created_at"),
    sort_by=("published_at", "title", "view_count", "created_at"),
    search_in=("title", "content"),
    default_sort="-created_at",
    visible_to=visible_to,
    hooks=Hooks(
        before_create=_create,
        before_update=_update,
        before_delete=_check_may_edit,
        before_restore=_restore,
        extras=_authors,
    ),
)
