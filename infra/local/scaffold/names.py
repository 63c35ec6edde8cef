"""Names as given (`time-off`), and their forms for files, classes and permissions."""

import keyword
import re
from dataclasses import dataclass

from infra.local.console import Refused

_RESERVED = {"api", "handler", "id", "items", "models", "resources", "rules", "schemas", "service", "test", "work"}


@dataclass(frozen=True, slots=True)
class Name:
    """`time-off` or `time_off`, lower case and ASCII."""

    kebab: str

    @classmethod
    def read(cls, given: str, what: str = "name") -> "Name":
        """Parses a name. Raises `Refused` if it is malformed or a reserved word."""
        kebab = given.replace("_", "-")
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*", kebab) or len(kebab) > 40:
            raise Refused(f"{what}={given}: use up to 40 lower-case letters and digits, words joined by hyphens")
        name = cls(kebab)
        if keyword.iskeyword(name.snake) or keyword.issoftkeyword(name.snake) or name.snake in _RESERVED:
            raise Refused(f"{what}={given}: that word has a meaning in the code already")
        return name

    @property
    def snake(self) -> str:
        return self.kebab.replace("-", "_")

    @property
    def constant(self) -> str:
        return self.snake.upper()

    @property
    def camel(self) -> str:
        return "".join(word.capitalize() for word in self.kebab.split("-"))

    @property
    def words(self) -> str:
        return self.kebab.replace("-", " ")


def singular_of(name: Name, given: str | None) -> Name:
    """The singular: as given, or by English rules. Raises `Refused` where these are ambiguous."""
    if given:
        singular = Name.read(given, "singular")
    elif name.kebab.endswith("ies"):
        singular = Name.read(name.kebab[:-3] + "y")
    elif re.search(r"[^s]s$", name.kebab) and not re.search(r"(us|is|ches|shes|xes|ses)$", name.kebab):
        singular = Name.read(name.kebab[:-1])
    else:
        raise Refused(f"what is one of {name.kebab} called? Say singular=…")
    if singular == name:
        raise Refused(f"singular={singular.kebab}: one and many need two names")
    return singular


def text_given(given: str | None, what: str, example: str) -> str:
    """A line of text that is valid inside quotes in code."""
    if not given or not given.strip():
        raise Refused(f"{what} is missing: {what}={example!r}")
    if re.search(r'["\\\n\r{}]', given):
        raise Refused(f"{what}: no quotes, braces, backslashes or line breaks")
    if len(given) > 70:
        raise Refused(f"{what}: at most 70 characters")
    return given.strip()
