"""Text files with `%{name}` placeholders, for templates and scaffolds."""

from pathlib import Path
from string import Template


class _Text(Template):
    delimiter = "%"  # `$` belongs to CloudFormation's ${…}
    idpattern = r"(?!)"  # a bare %name is no placeholder
    braceidpattern = r"[a-z_]+"


def filled(file: Path, /, **values: object) -> str:
    """The file's text with each `%{name}` replaced; a name that is not given is a KeyError."""
    return _Text(file.read_text()).substitute(values)
