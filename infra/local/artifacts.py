"""Build layers and code archives, each once for its content: a directory's name is the hash of all that went into it.

Layers are made by their own Makefiles, the ones that `sam build` runs; function code is the domain's folder as it is.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.console import Refused, note
from infra.local.paths import BUILD, PYTHON, ROOT, UV

ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
ARTIFACTS = BUILD / "local"
_KEEP = 4  # earlier builds of one thing that stay, for instances that still run them


def build_layer(logical_id: str, source: Path) -> Path:
    """The directory of a built layer (holding `python/`), made when its inputs changed."""
    inputs = [source, ROOT / "layers" / "common.mk"]
    if logical_id == "MigrationsLayer":
        inputs.append(ROOT / "infra" / "migrations")
    target = ARTIFACTS / logical_id / content_hash(inputs, ARCHITECTURE)
    with _building(target) as scratch:
        if scratch is not None:
            note(f"building {logical_id}")
            environment = {
                **os.environ,
                "ARTIFACTS_DIR": str(scratch),
                "LAMBDA_ARCH": ARCHITECTURE,
                "UV": str(UV),
                "PYTHON": str(PYTHON),
            }
            command = ["make", "--silent", "-C", str(source), f"build-{logical_id}"]
            if subprocess.run(command, check=False, env=environment).returncode != 0:
                raise Refused(f"{logical_id} cannot be built (see above)")
    return target


def archive(directory: Path) -> Path:
    """A zip of the directory, the same bytes for the same content."""
    # A built layer's name says its content already; reading its thousands of files again would take seconds.
    built = directory.is_relative_to(ARTIFACTS)
    name = f"{directory.parent.name}-{directory.name}" if built else content_hash([directory], "zip")
    target = ARTIFACTS / "zips" / f"{name}.zip"
    with _building(target) as scratch:
        if scratch is not None:
            # Level 1: the emulator unpacks an archive for each worker, and speed beats size on one machine.
            with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bundle:
                for path in files_under(directory, keep_bytecode=built):
                    entry = zipfile.ZipInfo(str(path.relative_to(directory)))
                    entry.external_attr = (0o755 if os.access(path, os.X_OK) else 0o644) << 16
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    bundle.writestr(entry, path.read_bytes())
    return target


def content_hash(inputs: Iterable[Path], *salt: str) -> str:
    digest = hashlib.sha256("\0".join(salt).encode())
    for root in inputs:
        for path in files_under(root, keep_bytecode=False):
            digest.update(f"\0{path.relative_to(root.parent)}\0".encode())
            digest.update(hashlib.file_digest(path.open("rb"), "sha256").digest())
    return digest.hexdigest()[:24]


def files_under(root: Path, *, keep_bytecode: bool) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if keep_bytecode or name != "__pycache__")
        yield from (Path(folder, name) for name in sorted(files))


@contextmanager
def _building(target: Path) -> Iterator[Path | None]:
    """A scratch path that becomes `target` when the block succeeds, or None when `target` is there already.

    A crash leaves only scratch behind, and two instances that build the same thing wait for one another.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists():
            os.utime(target)
            yield None
            return
        scratch = target.parent / f".{target.name}.part"
        _remove(scratch)
        yield scratch
        scratch.rename(target)
        built = [path for path in target.parent.iterdir() if not path.name.startswith(".")]
        for old in sorted(built, key=lambda path: path.stat().st_mtime, reverse=True)[_kept(target) :]:
            _remove(old)


def _kept(target: Path) -> int:
    return _KEEP * 12 if target.suffix == ".zip" else _KEEP


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
