"""Errors for callers. `code` is stable and ASCII; `detail` is pt-BR and safe to show to users."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    field: str
    message: str


class InvalidValue(ValueError):
    """A validation error whose message is a pt-BR sentence for users. Any other `ValueError` of a validator is only
    reported as "invalid"."""


class DomainError(Exception):
    """A refusal with a reason. Each subclass fixes the HTTP status and a default code."""

    status: ClassVar[int] = 400
    default_code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "Requisição inválida"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        errors: Sequence[FieldError] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.default_code
        self.errors = tuple(errors)
        self.retry_after = retry_after
        """Seconds until trying again makes sense, for the `Retry-After` header."""


def mark_undone(error: Exception) -> None:
    """Marks that everything the failed call wrote was rolled back for certain, so that it may be repeated."""
    error.__dict__["undone"] = True


def is_undone(error: Exception) -> bool:
    return bool(error.__dict__.get("undone"))


class InvalidInput(DomainError):
    status = 422
    default_code = "invalid_input"
    title = "Dados inválidos"


def invalid_field(field: str, message: str, code: str | None = None) -> InvalidInput:
    """The refusal of one input field; its message is also the detail."""
    return InvalidInput(message, code=code, errors=(FieldError(field, message),))


class Unauthenticated(DomainError):
    status = 401
    default_code = "unauthenticated"
    title = "Não autenticado"


class Forbidden(DomainError):
    status = 403
    default_code = "forbidden"
    title = "Sem permissão"


class NotFound(DomainError):
    status = 404
    default_code = "not_found"
    title = "Não encontrado"


class Conflict(DomainError):
    status = 409
    default_code = "conflict"
    title = "Conflito"


class PayloadTooLarge(DomainError):
    status = 413
    default_code = "payload_too_large"
    title = "Conteúdo grande demais"


class LimitExceeded(DomainError):
    status = 429
    default_code = "rate_limited"
    title = "Muitas requisições"


class Unavailable(DomainError):
    """A dependency did not answer; the caller should try again later."""

    status = 503
    default_code = "unavailable"
    title = "Serviço indisponível"
