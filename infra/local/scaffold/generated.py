"""What is generated from handlers and declarations, in one process: both read every handler.

It is a process of its own because the handlers that this one has imported are older than what was just written.
"""

import sys

from infra.local import openapi
from infra.local.templates.__main__ import main as templates

if __name__ == "__main__":
    failed = templates([])
    if not failed:
        openapi.main()
    sys.exit(failed)
