"""The REST routes of a resource. `falachefe.app.rest.resource_api` builds them for a handler file."""

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from falachefe.http.api import Api
from falachefe.http.rate_limits.addresses import AddressGuard
from falachefe.http.response_size import fits, refuse_too_large
from falachefe.http.services import Authenticator, Services
from falachefe.http.unit_of_work import request_unit_of_work
from falachefe.resources import batch, crud
from falachefe.resources.batch import Batch
from falachefe.resources.declaration import Parent, Resource
from falachefe.resources.idempotency import Answer, once_for
from falachefe.resources.lists import query_string
from falachefe.resources.preconditions import etag, is_known


class ResourceApi(Api):
    """The routes of one resource, each with the permission of its action."""

    def __init__(
        self,
        resource: Resource[Any, Any, Any],
        services: Services,
        *,
        authenticate: Authenticator,
        addresses: Callable[[], AddressGuard] | None = None,
    ) -> None:
        super().__init__(resource.domain, services, authenticate=authenticate, addresses=addresses)
        self.resource = resource
        self.needs: tuple[str, ...] = ()
        """Additional permissions that the function's role needs, by name."""
        _Endpoints(self, resource).register()


class _Endpoints:
    def __init__(self, api: Api, resource: Resource[Any, Any, Any]) -> None:
        self._api = api
        self._resource = resource

    def register(self) -> None:
        api, resource = self._api, self._resource
        path, item = resource.path, f"{resource.path}/<item_id>"
        may, actions = resource.permission, resource.actions
        rules: dict[str, Any] = {"limit": resource.limit, "deprecation": resource.deprecation}
        api.get(path, permission=may("read"), **rules)(_named(resource, "list", self.list, parent=resource.parent))
        if resource.parent is not None:
            return
        api.get(item, permission=may("read"), **rules)(_named(resource, "get", self.get))
        rules["refuses"] = resource.refuses
        if "create" in actions:
            api.post(path, permission=may("create"), status_code=201, **rules)(
                _named(resource, "create", self.create, body=resource.create)
            )
            api.post(f"{path}/batch", permission=may("create"), **rules)(
                _named(resource, "batch", self.batch, body=Batch)
            )
        if "update" in actions:
            api.patch(item, permission=may("update"), **rules)(
                _named(resource, "update", self.update, body=resource.update)
            )
        if "delete" in actions:
            api.delete(item, permission=may("delete"), status_code=204, **rules)(
                _named(resource, "delete", self.delete)
            )
        if "restore" in actions:
            api.post(f"{item}/restore", permission=may("restore"), **rules)(_named(resource, "restore", self.restore))

    def list(self, **parent: UUID) -> Response[Any]:
        query = query_string.parse(self._resource, self._query_string(), self._api.principal())
        with request_unit_of_work(self._api) as work:
            page = crud.list_page(work, self._resource, query, parent)
        return response_of(Answer(200, page.text(), {}))

    def get(self, item_id: UUID) -> Response[Any]:
        with request_unit_of_work(self._api) as work:
            document = crud.get(work, self._resource, item_id)
        tag = self._tag(document)
        if not self._resource.composed and is_known(self._header("If-None-Match"), tag):
            return response_of(Answer(304, "", {"ETag": etag(tag)}))
        return response_of(self._shown(document))

    def create(self, body: BaseModel) -> Response[Any]:
        def action() -> Answer:
            self._before_transaction(None, body)
            with request_unit_of_work(self._api) as work:
                document = crud.create(work, self._resource, body)
            return self._shown(document, 201)

        return self._once(action)

    def batch(self, body: Batch) -> Response[Any]:
        def action() -> Answer:
            refused = batch.before_transaction(self._api, self._resource, body)
            with request_unit_of_work(self._api) as work:
                results = batch.apply(work, self._resource, body, refused)
                answer = Answer(200, json_text({"results": results}), {}, outline=json_text(batch.outline(results)))
                refuse_too_large(answer.body)  # before the commit, so that a refusal undoes the batch
            return answer

        return self._once(action, self._filled)

    def _filled(self, replayed: Answer) -> Answer:
        """Restores a batch's response of which only an outline was stored."""
        with request_unit_of_work(self._api) as work:
            results = batch.filled(work, self._resource, json.loads(replayed.body))
        whole = json_text({"results": results})
        if not fits(whole):
            whole = json_text({"results": json.loads(replayed.body)})
        return replace(replayed, body=whole)

    def update(self, item_id: UUID, body: BaseModel) -> Response[Any]:
        self._before_transaction(item_id, body)
        with request_unit_of_work(self._api) as work:
            document = crud.update(work, self._resource, item_id, body, self._header("If-Match"))
        return response_of(self._shown(document))

    def delete(self, item_id: UUID) -> Response[Any]:
        with request_unit_of_work(self._api) as work:
            crud.delete(work, self._resource, item_id, self._header("If-Match"))
        return response_of(Answer(204, "", {}))

    def restore(self, item_id: UUID) -> Response[Any]:
        with request_unit_of_work(self._api) as work:
            document = crud.restore(work, self._resource, item_id)
        return response_of(self._shown(document))

    def _before_transaction(self, item_id: UUID | None, body: BaseModel) -> None:
        hook = self._resource.hooks.before_transaction
        if hook is not None:
            hook(self._api.services, self._api.principal(), item_id, body.model_dump(exclude_unset=True))

    def _once(self, action: Callable[[], Answer], filled: Callable[[Answer], Answer] | None = None) -> Response[Any]:
        answer = once_for(self._api, action)
        return response_of(filled(answer) if answer.outlined and filled is not None else answer)

    def _shown(self, document: Mapping[str, Any], status: int = 200) -> Answer:
        headers = {"ETag": etag(self._tag(document))}
        if status == 201:
            resource = self._resource
            headers["Location"] = f"/v1/{resource.domain}{resource.path}/{document['id']}"
        return Answer(status, json_text(document), headers)

    def _tag(self, document: Mapping[str, Any]) -> str:
        return self._resource.tag(document["version"], datetime.fromisoformat(document["updated_at"]))

    def _header(self, name: str) -> str | None:
        found: str | None = self._api.event.headers.get(name)
        return found

    def _query_string(self) -> Mapping[str, Sequence[str]]:
        found: Mapping[str, Sequence[str]] = self._api.event.resolved_query_string_parameters or {}
        return found


def _named(
    resource: Resource[Any, Any, Any],
    verb: str,
    method: Callable[..., Response[Any]],
    *,
    body: type[BaseModel] | None = None,
    parent: Parent | None = None,
) -> Callable[..., Response[Any]]:
    """The endpoint with a unique name and its body's schema, which Powertools reads from the function."""

    def endpoint(**arguments: Any) -> Response[Any]:
        return method(**arguments)

    endpoint.__name__ = endpoint.__qualname__ = f"{verb}_{resource.name.replace('-', '_')}"
    endpoint.__doc__ = method.__doc__
    signature = _signature(method, body, parent)
    endpoint.__signature__ = signature  # type: ignore[attr-defined]
    endpoint.__annotations__ = {name: item.annotation for name, item in signature.parameters.items()}
    return endpoint


def _signature(method: Callable[..., Any], body: type[BaseModel] | None, parent: Parent | None) -> Any:
    found = inspect.signature(method)
    parameters = [
        item.replace(annotation=body) if body is not None and item.name == "body" else item
        for item in found.parameters.values()
        if item.kind is not item.VAR_KEYWORD
    ]
    if parent is not None:
        parameters.append(inspect.Parameter(parent.field, inspect.Parameter.KEYWORD_ONLY, annotation=UUID))
    return found.replace(parameters=parameters)


def json_text(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def response_of(answer: Answer) -> Response[Any]:
    headers = dict(answer.headers)
    if answer.replayed:
        headers["Idempotency-Replayed"] = "true"
    content_type = "application/json" if answer.body else None
    return Response(status_code=answer.status, content_type=content_type, body=answer.body, headers=headers)
