"""Password hashes by Argon2id (RFC 9106): 64 MiB, three passes, one lane."""

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MAX_PASSWORD_LENGTH: Final = 128
# Verified when there is no account, so that an unknown e-mail takes as long as a wrong password. It is the hash of a
# discarded random password; its parameters must be those of `_hasher`.
PLACEHOLDER_HASH: Final = (
    "$argon2id$v=19$m=65536,t=3,p=1$+PNBQpWqsczkZER8rIcEfQ$j0y3T6mNzShPG8b+NMsS6QH181w5z8ko9y9SKs7NZa0"
)


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # noqa: PLC0415  # 6 ms, paid by those who check a password

    return PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1)


def hash_password(password: str) -> str:
    return _hasher().hash(_composed(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Whether `password` matches the hash. False, after the same time, without a stored hash."""
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415  # 6 ms, paid by those who check a password

    try:
        _hasher().verify(stored or PLACEHOLDER_HASH, _composed(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the hash has other parameters than the current ones."""
    return _hasher().check_needs_rehash(stored)


def _composed(password: str) -> str:
    """NFC: keyboards send `ã` as one code point or two, which must be the same password."""
    return unicodedata.normalize("NFC", password)
