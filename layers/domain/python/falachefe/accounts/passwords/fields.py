"""A password in a request's body."""

from typing import Annotated

from pydantic import Field, StringConstraints

from falachefe.accounts.passwords.hashing import LONGEST_PASSWORD

Password = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_PASSWORD), Field(examples=["uma-senha-bem-comprida"])
]
"""Any that may have been chosen once; `policy` says what may be chosen now."""
