"""Field types of request bodies shared by several endpoints."""

from typing import Annotated

from pydantic import Field, StringConstraints

Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+$"),
    Field(examples=["ana@padariadochefe.com.br"]),
]
MailedToken = Annotated[str, StringConstraints(min_length=1, max_length=128)]
