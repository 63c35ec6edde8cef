"""Measures what the agents make of messages: labelled sets, changed copies of them, and whole conversations."""

import sys
from pathlib import Path

_DOMAIN = Path(__file__).resolve().parents[3] / "layers" / "domain" / "python"
if str(_DOMAIN) not in sys.path:
    sys.path.insert(0, str(_DOMAIN))
