"""Parts of request bodies that several endpoints take."""

from typing import Annotated

from pydantic import Field, StringConstraints

from falachefe.accounts.passwords.hashing import LONGEST_PASSWORD

Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+$"),
    Field(examples=["ana@padariadochefe.com.br"]),
]
Password = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_PASSWORD), Field(examples=["uma-senha-bem-comprida"])
]
"""Any that may have been chosen once; what may be chosen now is the policy's to say."""
MailedToken = Annotated[str, StringConstraints(min_length=1, max_length=128)]
