"""Releases: copies of the API's code, one a folder, and the mark that says which of them workers run.

    releases/VERSION/RELEASE        what it is, written last
    releases/VERSION/server/…       the packages that a worker imports
    releases/marked.json            the marked one, and those before it, latest first

A folder is made beside its place and renamed into it, the mark is replaced as one file: neither is ever half there.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

import msgspec

KEPT = 5
"""So many releases can be gone back to, the marked one counted."""
_PARTS = (
    "server/*.py",
    "server/py.typed",
    "server/api",
    "server/store",
    "server/http/__init__.py",
    "server/http/expectation.py",
    "server/http/host_guard.py",
    "alerts/__init__.py",
    "alerts/duration.py",
    "alerts/whole_number.py",
)
"""The code that a worker imports; whatever more it comes to need is missed when a release is tried, before it is marked."""
_MARK, _ABOUT = "marked.json", "RELEASE"
_VERSION = re.compile(r"[A-Za-z0-9_+][A-Za-z0-9._+-]{0,59}")
_IMPORTS = "import server.api.worker.serve, server.api.migrate"


class NoSuchReleaseError(Exception):
    """What was asked for cannot be done with the releases there are; the message says why, and what to do."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a release's own folder."""

    version: str
    taken_at: datetime
    digest: str
    """Of every file, so that the same version cannot mean two things."""
    packages: dict[str, str] = {}
    """The libraries that were installed; they are not part of the release."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Which release workers run."""

    version: str
    before: tuple[str, ...] = ()
    """The releases that were marked before it, the latest first."""


def marked(folder: Path) -> Mark | None:
    """The mark; None where none was made, or where it cannot be read."""
    try:
        return msgspec.json.decode((folder / _MARK).read_bytes(), type=Mark)
    except (OSError, msgspec.DecodeError):
        return None


def about(release: Path) -> About | None:
    """What the folder holds; None for one that is no whole release."""
    try:
        return msgspec.json.decode((release / _ABOUT).read_bytes(), type=About)
    except (OSError, msgspec.DecodeError):
        return None


def whole(folder: Path, name: str) -> bool:
    """Whether there is such a release, complete and as it was taken."""
    found = about(folder / name)
    return found is not None and found.version == name and found.digest == _digest(folder / name)


def take(folder: Path, source: Path, name: str, *, in_use: Callable[[], set[str]]) -> Mark:
    """Copy the code in ``source`` as release ``name`` and mark it. Raises ``NoSuchReleaseError``.

    What was taken under that name before must be the same code. Only the last few releases are kept, and those that
    ``in_use`` names.
    """
    if not _VERSION.fullmatch(name):
        raise NoSuchReleaseError(
            f"{name!r} is no name of a release: letters, digits and . _ + - (at most 60)"
        )
    with _alone(folder):
        _copy(folder, source, name)
        before = marked(folder)
        history = [] if before is None else [before.version, *before.before]
        kept = [each for each in history if each != name and whole(folder, each)][: KEPT - 1]
        mark = Mark(version=name, before=tuple(kept))
        _write(folder / _MARK, msgspec.json.encode(mark))
        _forget(folder, {name, *kept, *in_use()})
        return mark


def step_back(folder: Path) -> tuple[str, str]:
    """Mark the release before the marked one; from which to which. Raises ``NoSuchReleaseError``."""
    with _alone(folder):
        now, kept = way_back(folder)
        _write(folder / _MARK, msgspec.json.encode(Mark(version=kept[0], before=tuple(kept[1:]))))
        return now.version, kept[0]


def way_back(folder: Path) -> tuple[Mark, list[str]]:
    """The mark, and the whole releases before it, the latest first. Raises ``NoSuchReleaseError`` where there is none."""
    now = marked(folder)
    if now is None:
        raise NoSuchReleaseError(
            "no release is marked, so that there is none to go back to; ops act deploy-marker makes one"
        )
    kept = [each for each in now.before if whole(folder, each)]
    if not kept:
        raise NoSuchReleaseError(f"{now.version} is the only release that is kept: there is none before it")
    return now, kept


def put_back(folder: Path, mark: Mark) -> None:
    """Mark what was marked before, after a step that did not work."""
    with _alone(folder):
        _write(folder / _MARK, msgspec.json.encode(mark))


def changed_libraries(release: Path) -> list[str]:
    """Which libraries are installed in another version than when the release was taken."""
    then, now = (about(release) or _NOTHING).packages, _libraries()
    return [f"{name} {then[name]} → {now.get(name, 'gone')}" for name in then if now.get(name) != then[name]]


def _copy(folder: Path, source: Path, name: str) -> None:
    digest = _digest(source)
    there = about(folder / name)
    if there is not None:
        if not whole(folder, name):
            raise NoSuchReleaseError(
                f"release {name} is there and was changed since it was taken: give this one a version of its own"
            )
        if there.digest != digest:
            raise NoSuchReleaseError(
                f"release {name} was taken before, of other code: give this one a version of its own"
            )
        return
    part = folder / f".{name}.{os.getpid()}.part"
    shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(folder / name, ignore_errors=True)
    try:
        for found in (path for each in _PARTS for path in sorted(source.glob(each))):
            _copy_one(found, part / found.relative_to(source))
        _try(part)
        made = About(version=name, taken_at=datetime.now(UTC), digest=digest, packages=_libraries())
        _write(part / _ABOUT, msgspec.json.encode(made))
        part.rename(folder / name)
    except OSError as error:
        raise NoSuchReleaseError(f"the code could not be copied to {folder}: {error.strerror}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _copy_one(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(source, target)


def _try(part: Path) -> None:
    """Import it as a worker would, which leaves it compiled too. Raises ``NoSuchReleaseError``."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _IMPORTS], env={**os.environ, "PYTHONPATH": str(part)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no word from it"])[-1]
        raise NoSuchReleaseError(f"the code in place does not start ({last}); nothing was marked")


def _digest(source: Path) -> str:
    total = hashlib.sha256()
    for path in _files(source):
        content = path.read_bytes()
        total.update(f"{path.relative_to(source)}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def _files(source: Path) -> Iterator[Path]:
    for found in (path for each in _PARTS for path in sorted(source.glob(each))):
        inside = sorted(found.rglob("*")) if found.is_dir() else [found]
        yield from (path for path in inside if path.is_file() and "__pycache__" not in path.parts)


def _libraries() -> dict[str, str]:
    try:
        wanted = distribution("structured-prompt-service").requires or []
    except PackageNotFoundError:
        return {}
    names = sorted({re.split(r"[^A-Za-z0-9_.-]", line)[0] for line in wanted if "extra ==" not in line})
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _forget(folder: Path, kept: set[str]) -> None:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


_NOTHING = About(version="", taken_at=datetime.min.replace(tzinfo=UTC), digest="")
