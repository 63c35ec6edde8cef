"""Every package of the domain layer says what it is for."""

import ast
from pathlib import Path

import pytest

from tests.unit.docs.paths import PACKAGE

PACKAGES = sorted({file.parent for file in PACKAGE.rglob("*.py")})


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: str(package.relative_to(PACKAGE.parent)))
def test_a_package_has_a_short_docstring(package: Path) -> None:
    docstring = ast.get_docstring(ast.parse((package / "__init__.py").read_text()))
    assert docstring
    assert len(docstring.splitlines()) <= 3
