"""Wires the front door, and routes requests by the first segment of the path."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from infra.local.front_door.conversation import Journal
from infra.local.front_door.deliveries import Deliveries
from infra.local.front_door.identity import IdentityProviders
from infra.local.front_door.identity_pages import app_page
from infra.local.front_door.mails import Mails
from infra.local.front_door.provider import Pace, Provider
from infra.local.front_door.provider_api import ProviderApi
from infra.local.front_door.proxy import forward
from infra.local.front_door.simulator import Simulator
from infra.local.front_door.stack import StackFile
from infra.local.front_door.web import Request, Response, json_response, problem

_PAGE_FOLDER = Path(__file__).parent / "page"


class FrontDoor:
    """Maps a request to its response, and owns the background threads."""

    def __init__(self, stack_file: StackFile, pace: Pace | None = None) -> None:
        self._stack_file = stack_file
        self.deliveries = Deliveries()
        self.provider = Provider(stack_file.read, self.deliveries.after, pace)
        self._provider_api = ProviderApi(self.provider, self.deliveries)
        self._journal = Journal(stack_file.read)
        self._identity = IdentityProviders()
        self._mails = Mails(stack_file.read)
        self._simulator = Simulator(stack_file.read, self.provider, self._journal, _PAGE_FOLDER)

    def __call__(self, request: Request) -> Response:
        path = request.path
        routes: tuple[tuple[str, Callable[[Request], Response]], ...] = (
            ("/v1/", lambda asked: forward(asked, self._stack_file.read())),
            ("/provider/", self._provider_api),
            ("/simulator", self._simulator),
            ("/mails", self._mails),
            ("/oauth/", self._identity),
            ("/app", app_page),
        )
        for prefix, answer in routes:
            if path.startswith(prefix):
                return answer(request)
        if path == "/healthz":
            return json_response({"status": "ok"})
        if path == "/":
            return Response(HTTPStatus.SEE_OTHER, headers=(("Location", "/simulator"),))
        return problem(HTTPStatus.NOT_FOUND, "not_found", "Esse caminho não existe na porta de entrada local.")

    def close(self) -> None:
        """Ends the threads; webhooks that are not due yet are dropped."""
        self.deliveries.close()
        self._journal.close()
