"""Moves repeated parts of an OpenAPI document to its components, which makes it and the diffs of changes shorter."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any

type Json = dict[str, Any]


def with_shared_parts(document: Json) -> Json:
    """The same document, with repeated responses and parameters as components that operations refer to."""
    answers, parameters = _Shared("responses"), _Shared("parameters")
    for operation in _operations(document):
        for status, answer in operation["responses"].items():
            answers.met(f"{status}-{answer['description']}", answer)
        for parameter in operation.get("parameters", []):
            parameters.met(f"{parameter['in']}-{parameter['name']}", parameter)
    paths = {
        path: {method: _referring(operation, answers, parameters) for method, operation in item.items()}
        for path, item in document["paths"].items()
    }
    components = {**document["components"], "responses": answers.components(), "parameters": parameters.components()}
    return {**document, "paths": paths, "components": components}


class _Shared:
    """Parts of one kind by the name of their component. If parts share a name, only the most frequent is shared."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._seen: Counter[tuple[str, str]] = Counter()

    def met(self, name: str, part: Json) -> None:
        self._seen[_slug(name), _written(part)] += 1

    @cached_property
    def _shared(self) -> dict[str, str]:
        """The most frequent part of each name, if it occurs more than once."""
        commonest = sorted(self._seen, key=lambda one: (self._seen[one], one))
        return {name: part for name, part in commonest if self._seen[name, part] > 1}

    def components(self) -> Json:
        return {name: json.loads(part) for name, part in sorted(self._shared.items())}

    def referring(self, name: str, part: Json) -> Json:
        slug = _slug(name)
        return {"$ref": f"#/components/{self._kind}/{slug}"} if self._shared.get(slug) == _written(part) else part


def _referring(operation: Json, answers: _Shared, parameters: _Shared) -> Json:
    responses = {
        status: answers.referring(f"{status}-{answer['description']}", answer)
        for status, answer in operation["responses"].items()
    }
    taken = [parameters.referring(f"{one['in']}-{one['name']}", one) for one in operation.get("parameters", [])]
    return {**operation, "responses": responses} | ({"parameters": taken} if taken else {})


def _operations(document: Json) -> Iterator[Json]:
    return (operation for item in document["paths"].values() for operation in item.values())


def _written(part: Json) -> str:
    return json.dumps(part, sort_keys=True, ensure_ascii=False)


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-")
