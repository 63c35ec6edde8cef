"""How large a file and a package may become before a reader wants two."""

from collections import Counter

from infra.local.paths import ROOT

LONGEST_FILE = 500
LARGEST_PACKAGE = 14
"""Modules at one level of the domain layer, `__init__` aside. About twelve is what we aim at."""
FOLDERS = ("functions", "infra", "layers/domain", "tests")


def test_no_file_is_longer_than_it_should_be() -> None:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_package_of_the_domain_layer_holds_more_files_than_one_overlooks() -> None:
    layer = ROOT / "layers" / "domain" / "python" / "falachefe"
    modules = [path for path in layer.rglob("*.py") if path.name != "__init__.py"]
    counts = Counter(str(path.parent.relative_to(layer)) for path in modules)

    assert {name: count for name, count in counts.items() if count > LARGEST_PACKAGE} == {}
