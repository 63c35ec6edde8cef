"""`python -m infra.local.openapi` updates functions/platform/openapi.json."""

from infra.local.openapi.document import main

if __name__ == "__main__":
    main()
