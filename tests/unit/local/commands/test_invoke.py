"""Which deployed function `make invoke` runs."""

import pytest

from infra.local.commands.invoke import function_name
from infra.local.console import Refused


@pytest.mark.parametrize("given", ["whatsapp/webhook_uaz", "whatsapp/webhook_uaz.py"])
def test_a_function_is_named_by_its_handler_file(given: str) -> None:
    assert function_name(given, "") == "falachefe-local-whatsapp-webhook-uaz"


def test_an_agent_is_named_by_its_role() -> None:
    assert function_name("crews/run_agent", "hr") == "falachefe-local-crews-run-hr-agent"


@pytest.mark.parametrize("role", ["", "chef"])
def test_an_agent_without_a_known_role_is_refused_with_the_roles(role: str) -> None:
    with pytest.raises(Refused, match="AGENT_ROLE, one of orchestrator, financial"):
        function_name("crews/run_agent", role)
