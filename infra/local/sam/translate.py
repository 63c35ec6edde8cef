"""Expands SAM templates to plain CloudFormation: reads JSON from stdin, writes JSON to stdout.

It runs in the emulator's environment, which contains aws-sam-translator, so it imports nothing of the project. In an
account CloudFormation does this; the emulator does not do it for nested templates.
"""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "sa-east-1")

from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform


class _NoManagedPolicies:
    """All functions have explicit roles, so no managed policy is looked up by name."""

    def load(self) -> dict[str, str]:
        return {}


def main() -> int:
    templates = json.load(sys.stdin)
    try:
        done = {name: transform(template, {}, _NoManagedPolicies()) for name, template in templates.items()}
    except InvalidDocumentException as invalid:
        print(invalid.message, *(cause.message for cause in invalid.causes), sep="\n", file=sys.stderr)
        return 1
    # The transform's order of resources varies from run to run; the workers of a test run must agree on it.
    json.dump(done, sys.stdout, sort_keys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
