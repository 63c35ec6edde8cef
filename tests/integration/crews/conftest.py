from uuid import UUID

import pytest

from falachefe.db.engine import Database
from tests.integration.crews.harness import TurnHarness


@pytest.fixture
def crew(database: Database, company_id: UUID) -> TurnHarness:
    return TurnHarness(database, company_id)
