"""Prepared statements are used only on measured hot paths."""

import ast
from pathlib import Path

from falachefe.db import statements
from infra.local.paths import ROOT

LAYER = ROOT / "layers" / "domain" / "python" / "falachefe"
MODULE = "falachefe.db.statements"
OF_A_MESSAGE = {
    "companies/service.py",
    "crews/turns/claim.py",
    "crews/turns/finish.py",
    "crews/turns/messaging_adapter.py",
    "crews/turns/start.py",
    "crews/turns/task_endings.py",
    "crews/turns/tool_calls.py",
    "finance/service.py",
    "messaging/channels/registration.py",
    "messaging/conversations/skipped.py",
    "messaging/conversations/contacts.py",
    "messaging/conversations/service.py",
    "messaging/inbound/crew_port.py",
    "messaging/inbound/process.py",
    "messaging/inbound/stored_messages.py",
    "phone_sign_in/people.py",
    "plans/limits.py",
}
OF_A_REQUEST = {"access/staff.py", "api_keys/authenticator.py", "audit/timing_safe.py", "audit/service.py"}
OF_THE_LIST_OF_COMPANIES = {"accounts/user_limit.py", "administration/companies.py"}
OF_TRANSACTIONS_THEMSELVES = {"db/engine.py", "db/outbox.py"}


def test_only_measured_hot_paths_prepare_statements() -> None:
    """A new module: measure it, say the figure in the docstring of `falachefe/db/statements.py`, and add it here."""
    known = OF_A_MESSAGE | OF_A_REQUEST | OF_THE_LIST_OF_COMPANIES | OF_TRANSACTIONS_THEMSELVES

    assert {str(path.relative_to(LAYER)) for path in LAYER.rglob("*.py") if prepares(path)} == known


def test_the_figures_name_every_module() -> None:
    text = statements.__doc__ or ""

    for module in OF_A_MESSAGE | OF_A_REQUEST | OF_THE_LIST_OF_COMPANIES:
        folder, _, name = module.rpartition("/")
        assert folder in text
        assert name.removesuffix(".py") in text


def prepares(path: Path) -> bool:
    """Whether a module imports the statements when it runs, and not for its types only."""
    tree = ast.parse(path.read_text())
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    return (
        any(
            isinstance(node, ast.ImportFrom) and node.module == MODULE and id(node) not in for_types
            for node in ast.walk(tree)
        )
        or "from falachefe.db import statements" in path.read_text()
    )
