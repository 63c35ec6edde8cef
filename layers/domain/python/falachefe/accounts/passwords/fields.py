"""A password in a request's body."""

from typing import Annotated

from pydantic import Field, StringConstraints

from falachefe.accounts.passwords.hashing import MAX_PASSWORD_LENGTH

Password = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_PASSWORD_LENGTH), Field(examples=["uma-senha-bem-comprida"])
]
"""Any length that may be stored: `policy` applies only when a password is set."""
