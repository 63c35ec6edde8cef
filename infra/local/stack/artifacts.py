"""Builds layers and code archives, cached by a hash of their input in the directory's name.

Layers are built by their own Makefiles, which `sam build` runs too; function code is the domain's folder as it is.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.console import Refused, note
from infra.local.paths import BUILD, PYTHON, ROOT, UV

ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
ARTIFACTS = BUILD / "local"
# Earlier builds are kept for a while, because running instances read them.
_KEEP = 4
_KEEP_S = 24 * 60 * 60


def build_layer(logical_id: str, source: Path) -> Path:
    """The directory of a built layer (with `python/` in it), built when its inputs changed."""
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


def layer_pointer(layer: Path) -> Path:
    """An archive that, unpacked as a layer, adds the built layer's directory to the import path.

    The emulator unpacks a function's layers for each worker; the thousands of files of the real archives would delay
    its first response by seconds. `sam package` makes the real archives.
    """
    target = ARTIFACTS / "zips" / f"{layer.parent.name}-{layer.name}.zip"
    with _building(target) as scratch:
        if scratch is not None:
            with zipfile.ZipFile(scratch, "w") as bundle:
                line = f"import sys; sys.path.insert(0, {str(layer / 'python')!r})\n"
                bundle.writestr(zipfile.ZipInfo("python/lib/python3.13/site-packages/layer.pth"), line)
    return target


def archive(directory: Path) -> Path:
    """A zip of the directory, the same bytes for the same content."""
    target = ARTIFACTS / "zips" / f"{content_hash([directory], 'zip')}.zip"
    with _building(target) as scratch:
        if scratch is not None:
            with zipfile.ZipFile(scratch, "w") as bundle:
                for path in files_under(directory):
                    entry = zipfile.ZipInfo(str(path.relative_to(directory)))
                    entry.external_attr = (0o755 if os.access(path, os.X_OK) else 0o644) << 16
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    bundle.writestr(entry, path.read_bytes())
    return target


def content_hash(inputs: Iterable[Path], *salt: str) -> str:
    digest = hashlib.sha256("\0".join(salt).encode())
    for root in inputs:
        for path in files_under(root):
            digest.update(f"\0{path.relative_to(root.parent)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:24]


def files_under(root: Path) -> Iterator[Path]:
    """The files in a fixed order, without bytecode."""
    if root.is_file():
        yield root
        return
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if name != "__pycache__")
        yield from (Path(folder, name) for name in sorted(files))


@contextmanager
def _building(target: Path) -> Iterator[Path | None]:
    """A temporary path that is renamed to `target` when the block succeeds, or None when `target` exists.

    A crash leaves only the temporary path, and two instances that build the same thing wait for each other.
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
        _remove_old(target.parent)


def _remove_old(folder: Path) -> None:
    built = [path for path in folder.iterdir() if not path.name.startswith(".")]
    newest_first = sorted(built, key=lambda path: path.stat().st_mtime, reverse=True)
    for old in newest_first[_KEEP:]:
        if old.stat().st_mtime < time.time() - _KEEP_S:
            _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
