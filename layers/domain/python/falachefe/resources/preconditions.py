"""Optimistic locking over HTTP (RFC 9110): a row's version is its strong entity tag."""

from collections.abc import Callable, Mapping

from falachefe.kernel.errors import DomainError


class PreconditionFailed(DomainError):
    status = 412
    default_code = "version_stale"
    title = "Versão desatualizada"


class PreconditionRequired(DomainError):
    status = 428
    default_code = "if_match_required"
    title = "Falta a versão"


def etag(version: int | str) -> str:
    return f'"{version}"'


def tagged[Document: Mapping[str, object]](add_header: Callable[[str, str], None], document: Document) -> Document:
    """Sets `ETag` to the document's version and returns the document."""
    add_header("ETag", etag(str(document["version"])))
    return document


def _tags(header: str) -> set[str]:
    return {part.strip() for part in header.split(",")}


def check_match(if_match: str | None, version: int | str, *, required: bool = True) -> None:
    """Raises `PreconditionRequired` without `If-Match`, `PreconditionFailed` when it names another version.

    A weak tag never matches, as it does not guarantee that nothing changed.
    """
    if if_match is None or not if_match.strip():
        if required:
            raise PreconditionRequired("Envie o cabeçalho If-Match com o ETag que você leu.")
        return
    tags = _tags(if_match)
    if "*" not in tags and f"W/{etag(version)}" in tags and etag(version) not in tags:
        raise PreconditionFailed(
            "Este ETag é fraco (começa com W/) e não vale para If-Match. Envie o ETag como ele é, sem W/.",
            code="etag_weak",
        )
    if "*" not in tags and etag(version) not in tags:
        raise PreconditionFailed("Alguém mudou este registro depois que você o leu. Leia de novo e repita.")


def is_known(if_none_match: str | None, version: int | str) -> bool:
    """Whether the client has this version already (`If-None-Match`; here weak tags count)."""
    tags = {tag.removeprefix("W/") for tag in _tags(if_none_match or "")}
    return "*" in tags or etag(version) in tags
