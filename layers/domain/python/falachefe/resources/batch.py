"""Batch requests: up to a hundred changes, either atomic or each on its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from falachefe.db.outbox import Outbox
from falachefe.http.api import Api
from falachefe.http.problems import problem
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.http.validation import field_errors
from falachefe.kernel.errors import DomainError, FieldError, InvalidInput
from falachefe.resources import crud
from falachefe.resources.declaration import Action, Resource
from falachefe.resources.preconditions import etag
from falachefe.resources.schemas import Input

MAX_OPERATIONS: Final = 100
_STATUS: Final[Mapping[str, int]] = {"create": 201, "update": 200, "delete": 204, "restore": 200}


class Operation(Input):
    """`data` for create and update, `id` for all but create, `version` (of the row as it was read) for update."""

    op: Literal["create", "update", "delete", "restore"]
    id: UUID | None = None
    version: int | None = Field(default=None, ge=1)
    data: dict[str, Any] | None = None


class Batch(Input):
    """`mode`: `all` writes everything or nothing; `each` writes what it can and tells of each."""

    mode: Literal["all", "each"] = "all"
    operations: list[Operation] = Field(min_length=1, max_length=MAX_OPERATIONS)


type Refused = Mapping[int, DomainError]
"""Errors raised before the transaction, by the index of the operation."""


def before_transaction(api: Api, resource: Resource[Any, Any, Any], batch: Batch) -> Refused:
    """Runs the resource's `before_transaction` hook for each operation that the caller is permitted."""
    hook, who = resource.hooks.before_transaction, api.principal()
    refused: dict[int, DomainError] = {}
    for index, operation in enumerate(batch.operations):
        asked = operation.op in ("create", "update") and who.may(resource.permission(operation.op))
        if hook is None or not asked or (operation.op == "update" and operation.id is None):
            continue
        try:
            hook(api.services, who, operation.id if operation.op == "update" else None, operation.data or {})
        except DomainError as error:
            refused[index] = error
    return refused


def apply(
    work: RequestUnitOfWork, resource: Resource[Any, Any, Any], batch: Batch, refused: Refused = MappingProxyType({})
) -> list[dict[str, Any]]:
    """One result for each operation, in order. In mode `all` the first error is raised, naming its operation."""
    one = _each if batch.mode == "each" else _all
    return [one(work, resource, index, operation, refused) for index, operation in enumerate(batch.operations)]


def outline(results: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Results reduced to each row's id and version."""
    return [
        {**result, "data": {key: result["data"][key] for key in ("id", "version")}} if "data" in result else {**result}
        for result in results
    ]


def filled(
    work: RequestUnitOfWork, resource: Resource[Any, Any, Any], outlined: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Outlined results filled with the current rows. The result of a row that is gone stays an outline."""
    wanted = [UUID(result["data"]["id"]) for result in outlined if "data" in result]
    rows = crud.documents_of(work, resource, wanted)
    return [
        {**result, "data": rows.get(result["data"]["id"], result["data"])} if "data" in result else {**result}
        for result in outlined
    ]


def _all(
    work: RequestUnitOfWork, resource: Resource[Any, Any, Any], index: int, operation: Operation, refused: Refused
) -> dict[str, Any]:
    try:
        return _result(index, operation, _apply(work, resource, operation, refused.get(index)))
    except DomainError as error:
        place = f"operations.{index}"
        errors = [FieldError(f"{place}.{item.field}", item.message) for item in error.errors]
        error.errors = tuple(errors) or (FieldError(place, error.detail),)
        raise


def _each(
    work: RequestUnitOfWork, resource: Resource[Any, Any, Any], index: int, operation: Operation, refused: Refused
) -> dict[str, Any]:
    own = replace(work, outbox=Outbox(work.company_id))
    try:
        with work.session.begin_nested():
            done = _apply(own, resource, operation, refused.get(index))
    except DomainError as error:
        refusal = problem(
            error,
            instance=f"/v1/{resource.domain}{resource.path}/batch#/operations/{index}",
            request_id=work.actor.request_id,
        )
        return {"index": index, "status": error.status, "problem": refusal}
    work.outbox.adopt(own.outbox)
    return _result(index, operation, done)


def _result(index: int, operation: Operation, data: dict[str, Any] | None) -> dict[str, Any]:
    result: dict[str, Any] = {"index": index, "status": _STATUS[operation.op]}
    return result if data is None else result | {"data": data}


def _apply(
    work: RequestUnitOfWork, resource: Resource[Any, Any, Any], operation: Operation, refusal: DomainError | None
) -> dict[str, Any] | None:
    if refusal is not None:
        raise refusal
    action: Action = operation.op
    if action not in resource.actions:
        raise InvalidInput(
            "Esta operação não existe aqui.", errors=(FieldError("op", "Esta operação não existe aqui."),)
        )
    work.who.require(resource.permission(action))
    match operation.op:
        case "create":
            return crud.create(work, resource, _body(resource.create, operation))
        case "update":
            version = None if operation.version is None else etag(operation.version)
            return crud.update(work, resource, _id(operation), _body(resource.update, operation), version)
        case "delete":
            version = None if operation.version is None else etag(operation.version)
            crud.delete(work, resource, _id(operation), version)
            return None
    return crud.restore(work, resource, _id(operation))


def _id(operation: Operation) -> UUID:
    if operation.id is None:
        raise InvalidInput("Falta o id do registro.", errors=(FieldError("id", "Campo obrigatório."),))
    return operation.id


def _body(schema: type[BaseModel], operation: Operation) -> BaseModel:
    try:
        return schema.model_validate(operation.data)
    except ValidationError as error:
        errors = field_errors(error.errors(), "data")
        raise InvalidInput("Há campos inválidos na operação.", errors=errors) from None
