"""Posts: slugs, authors, visibility and views."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from falachefe.kernel.errors import Conflict, DomainError
from falachefe.posts import slugs
from falachefe.posts.resource import POSTS, count_view
from falachefe.resources import crud
from tests.integration.callers import Answer
from tests.integration.office import Office, Person
from tests.integration.resources.test_at_once import at_once

POST = {"title": "Promoção de Verão: ração & areia", "content": "Só até sábado.\r\n\r\nAproveite!"}
SLUG = "promocao-de-verao-racao-e-areia"


@pytest.fixture
def author(office: Office) -> Person:
    return office.person()


@pytest.fixture
def reader(office: Office) -> Person:
    return office.person(name="Rita")


@pytest.fixture
def editor(office: Office) -> Person:
    return office.person(grants=("posts.edit", "posts.restore"))


def _written(by: Person, **changes: Any) -> dict[str, Any]:
    made = by.call("POST", "/posts", POST | changes)
    assert made.status == 201, made.body
    document: dict[str, Any] = made.json
    return document


def _titles(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [one["title"] for one in answer.json["data"]]


# ---- writing


def test_a_post_is_written_in_its_author_s_name(author: Person) -> None:
    made = _written(author)

    assert (made["slug"], made["author_id"], made["author_name"]) == (SLUG, str(author.id), "Ana Lima")
    assert (made["view_count"], made["published_at"], made["content"]) == (0, None, "Só até sábado.\n\nAproveite!")
    assert author.call("POST", "/posts", POST | {"view_count": 7}).status == 422
    assert author.change(f"/posts/{made['id']}", view_count=7).status == 422


def test_posts_with_the_same_title_get_numbered_slugs(author: Person) -> None:
    assert [_written(author)["slug"] for _ in range(3)] == [SLUG, f"{SLUG}-2", f"{SLUG}-3"]
    assert _written(author, title="🎉")["slug"] == "post"


def test_a_chosen_slug_must_be_unused(author: Person) -> None:
    first = _written(author, slug="aviso")
    other = _written(author)

    taken = [
        author.call("POST", "/posts", POST | {"slug": "aviso"}),
        author.change(f"/posts/{other['id']}", slug="aviso"),
    ]
    assert [(answer.status, answer.json["code"]) for answer in taken] == [(409, "slug_taken")] * 2
    assert author.call("POST", "/posts", POST | {"slug": "Avi so"}).status == 422
    assert author.change(f"/posts/{first['id']}", title="Outro título").json["slug"] == "aviso"


def test_concurrent_posts_with_the_same_title_get_different_slugs(office: Office) -> None:
    author = office.person()

    def write(number: int) -> str:
        title = "Aviso geral" if number % 2 else "aviso — GERAL!"
        body = POSTS.create.model_validate(POST | {"title": title})
        return str(office.work(author, lambda work: crud.create(work, POSTS, body))["slug"])

    assert sorted(at_once(write)) == ["aviso-geral", *(f"aviso-geral-{number}" for number in range(2, 9))]


def test_a_slug_chosen_concurrently_is_assigned_once(office: Office) -> None:
    author = office.person()
    posts = [UUID(_written(author)["id"]) for _ in range(8)]

    def choose(number: int) -> bool:
        patch = POSTS.update.model_validate({"slug": "aviso"})
        try:
            office.work(author, lambda work: crud.update(work, POSTS, posts[number], patch, '"1"'))
        except Conflict as refused:
            return refused.code != "slug_taken"
        return True

    assert at_once(choose).count(True) == 1


def test_the_slug_of_a_deleted_post_is_free_and_may_be_taken_at_restore(author: Person, editor: Person) -> None:
    first = _written(author)
    assert author.call("DELETE", f"/posts/{first['id']}").status == 204
    assert _written(author)["slug"] == SLUG

    assert author.call("POST", f"/posts/{first['id']}/restore").status == 403
    refused = editor.call("POST", f"/posts/{first['id']}/restore")
    assert (refused.status, refused.json["code"]) == (409, "slug_taken")


# ---- who sees and who changes


def test_drafts_are_visible_to_their_author_and_to_editors(
    office: Office, author: Person, reader: Person, editor: Person
) -> None:
    draft = _written(author, title="Rascunho")
    _written(author, title="Agendado", published_at=(office.clock.now() + timedelta(minutes=10)).isoformat())
    _written(author, title="No ar", published_at=office.clock.now().isoformat())

    lists = [_titles(person.call("GET", "/posts", sort="title")) for person in (author, editor, reader)]
    assert lists == [["Agendado", "No ar", "Rascunho"], ["Agendado", "No ar", "Rascunho"], ["No ar"]]
    assert reader.call("GET", "/posts").json["pagination"]["total"] == 1
    path = f"/posts/{draft['id']}"
    assert [person.call("GET", path).status for person in (author, editor, reader)] == [200, 200, 404]
    assert _titles(reader.call("GET", "/posts", slug=draft["slug"])) == []
    office.clock.at += timedelta(minutes=10)
    assert _titles(reader.call("GET", "/posts", sort="title")) == ["Agendado", "No ar"]


def test_a_post_is_published_and_unpublished_by_patch(office: Office, author: Person, reader: Person) -> None:
    post = _written(author)
    path, now = f"/posts/{post['id']}", office.clock.now().isoformat()

    assert author.change(path, published_at=now).status == 200
    found = reader.call("GET", "/posts", slug=post["slug"]).json["data"]
    assert [one["id"] for one in found] == [post["id"]]
    assert author.change(path, 2, published_at=None).json["published_at"] is None
    assert reader.call("GET", path).status == 404
    for nonsense in (1_700_000_000, "2026-11-22", "2026-11-22T12:00:00", "logo"):
        assert author.change(path, 3, published_at=nonsense).status == 422


@pytest.mark.parametrize(
    "action",
    [
        lambda person, path: person.change(path, title="Meu agora"),
        lambda person, path: person.call("DELETE", path),
    ],
)
def test_a_post_is_changed_by_its_author_and_by_editors(
    office: Office, author: Person, reader: Person, editor: Person, action: Callable[[Person, str], Answer]
) -> None:
    path = f"/posts/{_written(author, published_at=office.clock.now().isoformat())['id']}"
    draft = f"/posts/{_written(author)['id']}"

    refused = action(reader, path)
    assert (refused.status, refused.json["code"]) == (403, "not_the_author")
    assert action(reader, draft).status == 404
    assert [action(editor, path).status, action(author, draft).status] in ([200, 200], [204, 204])


def test_an_editor_may_set_the_author(author: Person, reader: Person, editor: Person) -> None:
    post = _written(editor, author_id=str(reader.id))
    assert (post["author_name"], author.call("GET", f"/posts/{post['id']}").status) == ("Rita", 404)
    assert reader.call("GET", f"/posts/{post['id']}").status == 200

    unknown = editor.change(f"/posts/{post['id']}", author_id="019aaa4e-7c00-7000-8000-000000000009")
    assert (unknown.status, unknown.json["code"]) == (422, "author_unknown")
    given_away = author.change(f"/posts/{_written(author)['id']}", author_id=str(reader.id))
    assert (given_away.status, given_away.json["code"]) == (403, "not_the_author")


def test_a_superadmin_in_another_company_must_set_the_author(office: Office, author: Person) -> None:
    body = POSTS.create.model_validate(POST)

    with pytest.raises(DomainError, match="autor"):
        office.work_as_superadmin(lambda work: crud.create(work, POSTS, body))
    named = POSTS.create.model_validate(POST | {"author_id": author.id})
    assert office.work_as_superadmin(lambda work: crud.create(work, POSTS, named))["author_id"] == str(author.id)


# ---- views


def test_views_are_counted_and_change_nothing_else(office: Office, author: Person, reader: Person) -> None:
    post = _written(author, published_at=office.clock.now().isoformat())
    path = f"/posts/{post['id']}"
    office.clock.at += timedelta(minutes=1)

    assert [reader.call("POST", f"{path}/views").json for _ in range(2)] == [{"view_count": 1}, {"view_count": 2}]
    seen = reader.call("GET", path)
    assert (seen.json["view_count"], seen.json["version"], seen.json["updated_at"]) == (2, 1, post["updated_at"])
    assert reader.call("GET", path, None, {"If-None-Match": seen.headers["ETag"]}).status == 304
    assert _titles(reader.call("GET", "/posts", view_count__gte="2")) == [post["title"]]


def test_views_of_unpublished_posts_are_not_counted(office: Office, author: Person) -> None:
    draft = _written(author)
    gone = _written(author, published_at=office.clock.now().isoformat())
    author.call("DELETE", f"/posts/{gone['id']}")

    for post in (draft, gone):
        assert author.call("POST", f"/posts/{post['id']}/views").status == 404


def test_no_view_is_lost_during_concurrent_views_and_edits(office: Office) -> None:
    author = office.person()
    post_id = UUID(_written(author, published_at=office.clock.now().isoformat())["id"])
    seen: list[int] = []

    def edit(version: int) -> None:
        patch = POSTS.update.model_validate({"content": f"Texto {version}"})
        office.work(author, lambda work: crud.update(work, POSTS, post_id, patch, f'"{version}"'))

    def act(number: int) -> None:
        if number == 0:
            for version in range(1, 6):
                edit(version)
            return
        for _ in range(10):
            seen.append(office.work(author, lambda work: count_view(work, post_id)))

    at_once(act)

    post = office.work(author, lambda work: crud.get(work, POSTS, post_id))
    assert (post["view_count"], post["version"], post["content"]) == (70, 6, "Texto 5")
    assert sorted(seen) == list(range(1, 71))


def test_a_title_of_any_length_fits(author: Person) -> None:
    made = [_written(author, title="palavra " * 30) for _ in range(2)]

    assert {len(post["slug"]) <= slugs.LONGEST for post in made} == {True}
    assert made[1]["slug"].endswith("-2")


@pytest.mark.parametrize(("sample", "status"), [("posts_create", 201), ("posts_list", 200), ("post_views", 404)])
def test_the_sample_events_get_the_expected_status(author: Person, sample: str, status: int) -> None:
    event = json.loads(Path(f"events/platform/{sample}.json").read_text())
    token = {"Authorization": f"Bearer {author.call.token}"}
    event["headers"] |= token
    event["multiValueHeaders"] |= {name: [value] for name, value in token.items()}

    assert author.call.handler(event, None)["statusCode"] == status
