"""The user as whom the text of runbooks runs, where the daemon is root and was told one."""

import os
import pwd
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from server.paths import CHECKOUT


def step_user(name: str) -> str:
    """``OPS_STEP_USER``: the name of a user of this machine. Raises ``ValueError`` with what would be right."""
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise ValueError(
            "is no user of this machine; make one with useradd --system --no-create-home"
        ) from None
    if found.pw_uid == 0:
        raise ValueError("is root, whom nothing limits; name a user of its own")
    if os.geteuid() not in (0, found.pw_uid):
        raise ValueError("cannot be changed to: the daemon does not run as root")
    return name


def home_of(name: str) -> str:
    """The home folder of a user, ``/`` where it is not there."""
    home = pwd.getpwnam(name).pw_dir
    return home if Path(home).is_dir() else "/"


def blocked_at(name: str) -> list[Path]:
    """Folders that the user cannot pass through on the way to what a step needs: our interpreter and our code."""
    found = pwd.getpwnam(name)
    groups = set(os.getgrouplist(name, found.pw_gid))
    needed = dict.fromkeys(
        folder for path in (Path(sys.executable), Path(sys.prefix), CHECKOUT) for folder in _way_to(path)
    )
    return [folder for folder in needed if not _may_pass(folder, found.pw_uid, groups)]


def _way_to(path: Path) -> Iterator[Path]:
    """Every folder above the path and, as a link leads elsewhere, above what it is in the end."""
    for place in (path.absolute(), path.resolve()):
        if place.is_dir():
            yield place
        yield from place.parents


def _may_pass(folder: Path, uid: int, groups: set[int]) -> bool:
    found = folder.stat()
    if found.st_uid == uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid in groups:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
