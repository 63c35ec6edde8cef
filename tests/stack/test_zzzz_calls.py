"""What functions called at AWS while all other tests ran, beside what `make deploy-check` believes that they call."""

import os
from pathlib import Path

from infra.local.deploy_check.calls import FOLDER, RECORDED, news, read, recorded
from tests.stack.conftest import Deployed


def test_no_function_calls_what_the_recorded_file_does_not_hold(deployed: Deployed) -> None:
    seen = recorded(Path(os.environ[FOLDER]))
    assert "whatsapp-webhook-uaz" in seen
    assert news(seen, read()) == [], f"{RECORDED.name} is stale: make record-calls"
