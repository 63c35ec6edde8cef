"""The e-mails that the product sent, read from the emulator: as a page, and as JSON for tests."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from infra.local.front_door.stack import Stack
from infra.local.front_door.web import Request, Response, json_response, problem

_PAGE = """<!doctype html><html lang="pt-BR"><meta charset="utf-8"><title>E-mails enviados</title>
<style>body {{ font: 16px/1.5 system-ui; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }}
article {{ border-top: 1px solid #ccc; padding: 1rem 0 }} pre {{ white-space: pre-wrap; font: inherit }}</style>
<body><h1>E-mails enviados</h1>{mails}</body></html>"""


@dataclass(frozen=True)
class SentMail:
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    sent_at: str


class Mails:
    """Serves `/mails` and `/mails.json`, newest first; `?to=` narrows both to one address."""

    def __init__(self, stack: Callable[[], Stack]) -> None:
        self._stack = stack

    def __call__(self, request: Request) -> Response:
        endpoint = self._stack().aws_endpoint
        if endpoint is None:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, "no_stack", "A pilha local ainda não está no ar.")
        try:
            mails = sent_mails(endpoint, request.query("to"))
        except (URLError, OSError, ValueError):
            return problem(HTTPStatus.BAD_GATEWAY, "no_emulator", "O emulador da AWS não respondeu.")
        if request.path == "/mails.json":
            return json_response([asdict(mail) for mail in mails])
        body = _PAGE.format(mails="".join(map(_article, mails)) or "<p>Nenhum e-mail foi enviado ainda.</p>").encode()
        return Response(HTTPStatus.OK, body, (("Content-Type", "text/html; charset=utf-8"),))


def sent_mails(endpoint: str, to: str | None = None) -> list[SentMail]:
    with urlopen(f"{endpoint}/_ministack/ses/messages", timeout=10) as answer:
        accounts: dict[str, list[dict[str, Any]]] = json.loads(answer.read())["messages"]
    found = [_mail(entry) for entries in accounts.values() for entry in entries]
    return [mail for mail in reversed(found) if to is None or to in mail.to]


def _mail(entry: dict[str, Any]) -> SentMail:
    return SentMail(
        sender=entry["Source"],
        to=tuple(entry["To"]),
        subject=entry["Subject"],
        text=entry["BodyText"],
        html=entry["BodyHtml"] or "",
        sent_at=str(entry["Timestamp"]),
    )


def _article(mail: SentMail) -> str:
    head = f"<h2>{escape(mail.subject)}</h2><p>Para {escape(', '.join(mail.to))} · {escape(mail.sent_at)}</p>"
    return f"<article>{head}<pre>{escape(mail.text)}</pre></article>"
