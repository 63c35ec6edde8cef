"""The page that shows the API, and the document that it shows."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from infra.local.openapi.handlers import module_of
from infra.local.paths import ROOT

PLATFORM = ROOT / "functions" / "platform"


def ask(handler: str, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    event = json.loads((ROOT / "events" / "platform" / f"{handler}.json").read_text())
    answer = module_of(PLATFORM / f"{handler}.py").handler(event | {"path": path, "headers": headers}, None)
    return answer["statusCode"], answer["body"], {k: v[0] for k, v in answer["multiValueHeaders"].items()}


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.inside: list[str] = []
        self._open: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self._open = tag
        self.parts += [value for key in ("src", "href") if (value := named.get(key)) and tag in ("script", "link")]
        self.inside += [f"{tag} {key}" for key in named if key == "style" or key.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self._open in ("script", "style") and data.strip():
            self.inside.append(data)


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(ask("docs", "/docs")[1])


def test_the_document_is_the_committed_one() -> None:
    status, body, headers = ask("openapi", "/openapi.json")
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert json.loads(body) == json.loads((PLATFORM / "openapi.json").read_text())


@pytest.mark.parametrize(("handler", "path"), [("openapi", "/openapi.json"), ("docs", "/docs")])
def test_who_has_the_newest_version_gets_no_other_copy(handler: str, path: str) -> None:
    _, _, headers = ask(handler, path)
    assert headers["Cache-Control"] == "no-cache"
    for known in (headers["ETag"], f'"other", {headers["ETag"].removeprefix("W/")}', "*"):
        status, body, again = ask(handler, path, **{"If-None-Match": known})
        assert (status, body, again["ETag"]) == (304, "", headers["ETag"])
    assert ask(handler, path, **{"If-None-Match": '"other"'})[0] == 200


def test_the_page_may_run_and_load_only_what_comes_from_here(page: Page) -> None:
    _, _, headers = ask("docs", "/docs")
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[kind] for kind in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert page.inside == [], "the policy allows no script or style inside of the page"
    assert all("//" not in part for part in page.parts)


def test_every_part_of_the_page_is_there_and_kept_for_good(page: Page) -> None:
    assert len(page.parts) == 4
    for part in page.parts:
        status, body, headers = ask("docs", f"/{part}")
        assert (status, len(body) > 50) == (200, True)
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert headers["Content-Type"].startswith("text/javascript" if part.endswith(".js") else "text/css")


@pytest.mark.parametrize(
    "path", ["/docs/000000000000/start.js", "/docs/{version}/docs.py", "/docs/{version}/..%2Fx.py"]
)
def test_no_other_address_leads_to_a_file(page: Page, path: str) -> None:
    version = page.parts[0].split("/")[1]
    status, body, _ = ask("docs", path.format(version=version))
    assert (status, json.loads(body)["code"]) == (404, "not_found")


def test_the_page_shows_our_own_document() -> None:
    start = Path(PLATFORM / "page" / "start.js").read_text()
    assert re.search(r'url: new URL\("openapi\.json", document\.baseURI\)', start)
    assert "validatorUrl: null" in start


def names(document: dict[str, Any]) -> set[str]:
    return {path.split("/")[2] for path in document["paths"]}


def test_the_document_is_of_all_domains() -> None:
    assert names(json.loads((PLATFORM / "openapi.json").read_text())) >= {
        "admin", "auth", "business", "crews", "platform", "whatsapp",
    }  # fmt: skip
