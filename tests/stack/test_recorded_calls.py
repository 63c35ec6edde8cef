"""Compares the AWS calls of functions during all other tests with what their roles allow. Runs last."""

import os
from pathlib import Path

from infra.local.deploy_check import permissions
from infra.local.deploy_check.calls import FOLDER, recorded
from tests.stack.conftest import Deployed


def test_no_function_calls_what_its_role_does_not_allow(deployed: Deployed) -> None:
    """The emulator does not check roles. Which calls are made depends on timing, so calls.json is not compared here."""
    seen = recorded(Path(os.environ[FOLDER]))
    assert "whatsapp-webhook-uaz" in seen
    assert permissions.used(permissions.functions(), seen).faults == []
