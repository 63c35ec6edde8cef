"""Generates the templates and the OpenAPI document, which both read every handler, in one process.

It is run as a separate process, because the caller may have imported handlers that have changed since.
"""

import sys

from infra.local.openapi.document import main as openapi
from infra.local.templates.__main__ import main as templates

if __name__ == "__main__":
    failed = templates([])
    if not failed:
        openapi()
    sys.exit(failed)
