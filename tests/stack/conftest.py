"""The deployed template as a black box, on an instance of its own besides the one that `make up` runs.

With FALACHEFE_TEST_STACK=<directory of an instance> the tests use that one and leave it running, which saves its start
while tests are written.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from infra.developer.suite import place_of
from infra.local.deploy_check.calls import FOLDER
from infra.local.stack.instance import Instance
from tests.stack.clients import DemoCompany


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files of `LAST` run after all others, whatever was named on the command line."""
    items.sort(key=lambda item: place_of(item.path.name) if item.path.parent == Path(__file__).parent else 0)


@dataclass(frozen=True)
class Deployed:
    """A running stack: what stack.json says, and clients of its emulator."""

    instance: Instance
    stack: dict[str, Any]

    def client(self, service: str) -> Any:
        return self.instance.emulator.client(service)


@pytest.fixture(scope="session")
def deployed() -> Iterator[Deployed]:
    given = os.environ.get("FALACHEFE_TEST_STACK")
    if given:
        os.environ.setdefault(FOLDER, str(Path(given).resolve() / "calls"))
        instance = Instance(Path(given).resolve())
        yield Deployed(instance, instance.up())
        return
    directory = Path(tempfile.mkdtemp(prefix="falachefe-stack-"))
    os.environ.setdefault(FOLDER, str(directory / "calls"))  # where its functions record their AWS calls
    instance = Instance(directory)
    try:
        yield Deployed(instance, instance.up())
    finally:
        instance.reset()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def stack(deployed: Deployed) -> dict[str, Any]:
    """The content of stack.json."""
    return deployed.stack


@pytest.fixture(scope="session")
def demo_company(stack: dict[str, Any]) -> Iterator[DemoCompany]:
    """The demo company, with access to its rows as the database's superuser."""
    url = stack["database_url"].replace("postgresql://", "postgresql+pg8000://", 1)
    engine = create_engine(url, connect_args={"ssl_context": False})
    yield DemoCompany(stack, engine)
    engine.dispose()
