"""A company whose lists are exported."""

from collections.abc import Callable
from typing import Any

import pytest

from falachefe.kernel.clock import FixedClock
from functions.business import transactions
from tests.integration.callers import Caller
from tests.integration.exports.company import Exports, made

type AsRole = Callable[[Any, str], Caller]


@pytest.fixture
def exports(aws: None, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Exports:
    return made(clock, monkeypatch.setenv)


@pytest.fixture
def admin(exports: Exports, as_role: AsRole) -> Caller:
    return as_role(transactions.handler, "admin")
