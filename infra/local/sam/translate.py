"""Expand a SAM template to plain CloudFormation: reads JSON on stdin, writes JSON on stdout.

Runs in the emulator's tool environment, which has aws-sam-translator; it imports nothing of the project. CloudFormation
does this itself in an account; the emulator does not for nested templates.
"""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "sa-east-1")

from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform


class _NoManagedPolicies:
    """Our functions bring their own roles, so no policy's name is ever looked up."""

    def load(self) -> dict[str, str]:
        return {}


def main() -> int:
    templates = json.load(sys.stdin)
    try:
        done = {name: transform(template, {}, _NoManagedPolicies()) for name, template in templates.items()}
    except InvalidDocumentException as invalid:
        print(invalid.message, *(cause.message for cause in invalid.causes), sep="\n", file=sys.stderr)
        return 1
    json.dump(done, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
