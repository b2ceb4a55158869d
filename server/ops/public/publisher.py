"""Publishing the status page: component states from the alerts, rendered and switched into place at once."""

import os
import shutil
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from web.components import (
    DEFAULT,
    ComponentAlert,
    ComponentMap,
    ComponentState,
    ComponentStatus,
    status_by_component,
    worse,
)
from web.page import Outage, build_page, follow_outages
from web.render import render_site
from web.snapshot import build_snapshot

HEARTBEAT = timedelta(seconds=60)
_KEPT_SNAPSHOTS = 3


class _Memory(msgspec.Struct, kw_only=True):
    """What must outlive a restart: since when each component has its state, and the past outages."""

    states: dict[str, ComponentState] = {}
    outages: tuple[Outage, ...] = ()
    better_since: dict[str, datetime] = {}
    """Since when each component would be better than it is shown: it has to last before it shows."""


class Publisher:
    """Keeps ``public`` true. Blocking (it writes files): call it from a thread, one call at a time."""

    def __init__(
        self,
        public: Path,
        memory: Path,
        *,
        name: str,
        url: str,
        hold_down: timedelta,
        clears_after: timedelta = timedelta(0),
    ) -> None:
        self._public, self._memory_file = public, memory
        self._name, self._url = name, url
        self._hold_down, self._clears_after = hold_down, clears_after
        self._memory = _recall(memory)
        self._published_at: datetime | None = None
        self._shown: ComponentMap = DEFAULT

    def refresh(
        self,
        alerts: Iterable[ComponentAlert],
        now: datetime,
        failed_share: float | None = None,
        shown: ComponentMap = DEFAULT,
    ) -> bool:
        """Publish if a component changed, a day began or the heartbeat is due; whether it did.

        ``alerts`` are unresolved. ``failed_share`` of callers' requests fail just now; None where that is not known.
        """
        status = status_by_component(alerts, now, self._hold_down, failed_share, shown)
        renamed, self._shown = shown != self._shown, shown
        changed = self._take({name: self._held(name, found, now) for name, found in status.items()}, now)
        due = self._published_at is None or now - self._published_at >= HEARTBEAT
        new_day = self._published_at is not None and self._published_at.date() != now.date()
        if not (changed or renamed or due or new_day):
            return False
        self._publish(now)
        return True

    def _held(self, component_id: str, found: ComponentStatus, now: datetime) -> ComponentStatus:
        """The status to show: worse at once, better only when it has lasted, so that a flap is one outage."""
        before = self._memory.states.get(component_id)
        if before is None or before.status == found or worse(before.status, found) == found:
            self._memory.better_since.pop(component_id, None)
            return found
        since = self._memory.better_since.setdefault(component_id, now)
        if now - since < self._clears_after:
            return before.status
        del self._memory.better_since[component_id]
        return found

    def _take(self, status: Mapping[str, ComponentStatus], now: datetime) -> bool:
        changed = False
        for component in self._shown.components:
            before = self._memory.states.get(component.id)
            if before is None or before.status != status[component.id]:
                self._memory.states[component.id] = ComponentState(
                    component_id=component.id, status=status[component.id], since=now
                )
                changed = True
        if changed:
            self._memory.outages = follow_outages(self._memory.outages, status, now)
            _write(self._memory_file, msgspec.json.encode(self._memory))
        return changed

    def _publish(self, now: datetime) -> None:
        page = build_page(
            self._memory.states,
            self._memory.outages,
            name=self._name,
            url=self._url,
            today=now.astimezone(UTC).date(),
            shown=self._shown,
        )
        manifest, contents = build_snapshot(
            render_site(page),
            render_site(page, stale_as_of=now),
            published_at=now,
            changed_at=page.updated_at,
        )
        switch_snapshot(self._public, {**contents, "manifest.json": msgspec.json.encode(manifest)})
        self._published_at = now


def _recall(file: Path) -> _Memory:
    """What was remembered; a file that is damaged, a time without its zone in it included, is as good as none."""
    try:
        memory = msgspec.json.decode(file.read_bytes(), type=_Memory)
    except (OSError, ValueError):
        return _Memory()
    times = [
        *(state.since for state in memory.states.values()),
        *memory.better_since.values(),
        *(at for outage in memory.outages for at in (outage.started_at, outage.ended_at) if at is not None),
    ]
    return memory if all(at.tzinfo is not None for at in times) else _Memory()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def switch_snapshot(public: Path, contents: Mapping[str, bytes]) -> None:
    """Write a whole snapshot beside the old ones, bring it to disk, then point ``current`` at it in one step.

    Everybody may read it, whatever the process's own umask is: a web server of another user may serve it.
    """
    snapshots = public / "snapshots"
    folder = snapshots / f"{time.time_ns():020}"
    for name, data in contents.items():
        _write(folder / name, data)
        (folder / name).chmod(0o644)
    for opened in (public, snapshots, *{(folder / name).parent for name in contents}, folder):
        opened.chmod(0o755)
    link = public / ".current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("snapshots") / folder.name)
    link.replace(public / "current")
    for old in sorted(snapshots.iterdir())[:-_KEPT_SNAPSHOTS]:
        shutil.rmtree(old, ignore_errors=True)
