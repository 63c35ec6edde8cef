"""What an endpoint does not need it does not load: each library is time before the first answer."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_oauth_start_does_not_import_sqlalchemy() -> None:
    program = "import sys, functions.auth.oauth_start; print('sqlalchemy' in sys.modules)"
    path = os.pathsep.join((str(ROOT / "layers" / "domain" / "python"), str(ROOT)))

    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )

    assert done.stdout == "False\n", done.stderr[-500:]
