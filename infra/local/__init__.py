"""The product on one machine, and the commands that generate and check what is deployed.

`stack`, `front_door`, `standins`, `demo` and `commands` run it; `templates`, `openapi` and `scaffold` generate files of
the repository, `sam` and `deploy_check` read the templates. `python -m infra.local` has the Makefile's main commands.
What runs the project's tests is in `infra/developer`.
"""
