"""Writing the public site: rendered to a whole snapshot, brought to disk, and switched into place at once."""

import os
import shutil
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import jinja2
import msgspec

from web.page import SiteFacts, build_page
from web.render import render_site
from web.snapshot import build_snapshot

HEARTBEAT = timedelta(seconds=60)
_KEPT_SNAPSHOTS = 3
_AT_ONCE = 16


class Snapshot(msgspec.Struct, frozen=True):
    """A snapshot as it was written."""

    folder: Path
    contents: Mapping[str, bytes]


class Publisher:
    """Keeps ``public`` true. Blocking (it writes files): call it from a thread, one call at a time."""

    def __init__(self, public: Path, environment: jinja2.Environment) -> None:
        self._public = public
        self._environment = environment
        self._shown: SiteFacts | None = None
        self._published_at: datetime | None = None
        self._latest: Snapshot | None = None

    def publish(self, facts: SiteFacts, now: datetime) -> Path | None:
        """Publishes where the facts are others than before, or the heartbeat is due; the folder of the snapshot then.

        Where anything goes wrong, the same is tried again at the next call.
        """
        # The heartbeat is due as well where the clock was set back: the page would pass for stale otherwise.
        age = now - self._published_at if self._published_at is not None else HEARTBEAT
        if facts == self._shown and timedelta(0) <= age < HEARTBEAT:
            return None
        page = build_page(facts)
        manifest, contents = build_snapshot(
            render_site(page, self._environment, stale_as_of=facts.seen_until),
            render_site(page, self._environment, stale_as_of=facts.seen_until or now),
            published_at=now,
            changed_at=page.updated_at,
        )
        written = {**contents, "manifest.json": msgspec.json.encode(manifest)}
        folder = switch_snapshot(self._public, written, self._latest)
        self._latest = Snapshot(folder=folder, contents=written)
        self._shown, self._published_at = facts, now
        return folder


def _write(path: Path, data: bytes) -> None:
    """Writes a file and brings it to disk. Nobody looks into its folder before that is switched into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), 0o644)
        os.fsync(file.fileno())


def _linked(there: Path, here: Path) -> bool:
    """Whether the file is there under another name now; not where somebody has put anything else in its place."""
    here.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(there, here, follow_symlinks=False)
    except OSError:
        return False
    if here.is_file() and not here.is_symlink():
        return True
    here.unlink()
    return False


def switch_snapshot(public: Path, contents: Mapping[str, bytes], before: Snapshot | None = None) -> Path:
    """Write a whole snapshot beside the old ones, bring it to disk, then point ``current`` at it in one step; its folder.

    Files that are as they were in the snapshot ``before`` are linked: a heartbeat writes little.
    Everybody may read it, whatever the process's own umask is: a web server of another user may serve it.
    """
    snapshots = public / "snapshots"
    folder = snapshots / f"{time.time_ns():020}"
    new = [
        (folder / name, data)
        for name, data in contents.items()
        if before is None
        or before.contents.get(name) != data
        or not _linked(before.folder / name, folder / name)
    ]
    # Side by side: disks bring many files down in one go, and each would wait for it otherwise.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(lambda pair: _write(*pair), new):
            pass
    folders = {parent for name in contents for parent in (folder / name).parents if folder in parent.parents}
    for opened in (public, snapshots, folder, *folders):
        opened.chmod(0o755)
    link = public / ".current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("snapshots") / folder.name)
    link.replace(public / "current")
    for old in sorted(snapshots.iterdir())[:-_KEPT_SNAPSHOTS]:
        shutil.rmtree(old, ignore_errors=True)
    return folder
