"""Writes the layers' requirement files from uv.lock: `python -m infra.local.requirements [--check]`.

They are committed, so that `sam build` needs no uv.lock; `make lint` and a test check that they match it.
"""

import re
import subprocess
import sys

from infra.local.paths import ROOT, UV

# The groups of pyproject.toml each layer holds, and the layer under it that already brings some of the packages.
LAYERS: dict[str, tuple[list[str], str | None]] = {
    "dependencies": (["--no-dev"], None),
    "agents": (["--only-group", "agents"], "dependencies"),
    "migrations": (["--only-group", "migrations"], "dependencies"),
}


def requirements(layer: str) -> str:
    groups, below = LAYERS[layer]
    blocks = _export(groups)
    if below is not None:
        for name in _export(LAYERS[below][0]):
            blocks.pop(name, None)
    return "".join(blocks.values())


def _export(groups: list[str]) -> dict[str, str]:
    """Requirement blocks (a line and its hashes) by package name."""
    command = [str(UV), "export", "--quiet", "--frozen", "--no-header", "--no-annotate", "--no-emit-project", *groups]
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    return {block.split("==")[0]: block for block in blocks if "==" in block}


def main() -> int:
    stale = []
    for layer in LAYERS:
        path = ROOT / "layers" / layer / "requirements.txt"
        text = requirements(layer)
        if path.exists() and path.read_text() == text:
            continue
        stale.append(layer)
        if "--check" not in sys.argv:
            path.write_text(text)
            print(f"wrote {path.relative_to(ROOT)}")
    if stale and "--check" in sys.argv:
        print(f"do not follow uv.lock: {', '.join(stale)}; run `make lock`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
