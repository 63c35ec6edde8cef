from uuid import UUID

import pytest

from falachefe.db.engine import Database
from tests.integration.crews.rig import World


@pytest.fixture
def world(database: Database, company_id: UUID) -> World:
    return World(database, company_id)
