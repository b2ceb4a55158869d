"""The control groups that a step runs in, each ability of the machine found by itself; without any, steps run without."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

Ability = Literal["kill", "processes", "memory", "freeze"]
"""Ending a whole group at once; bounding its processes; bounding its memory; stopping all of it at once."""
ABILITIES: tuple[Ability, ...] = ("kill", "processes", "memory", "freeze")

_MEMBERS = "cgroup.procs"
_MOUNTS = Path("/proc/self/mountinfo")
_OWN = Path("/proc/self/cgroup")
_FILES: dict[Ability, tuple[str, ...]] = {
    "kill": ("cgroup.kill",),
    "processes": ("pids.max",),
    "memory": ("memory.max", "memory.limit_in_bytes"),
    "freeze": ("cgroup.freeze", "freezer.state"),
}
"""The file by which each ability is used: of version 2, or of the controller of version 1."""
_STOPPED = {"cgroup.freeze": ("1", "0"), "freezer.state": ("FROZEN", "THAWED")}
_UNLIMITED = {"pids.max": "max", "memory.max": "max", "memory.limit_in_bytes": "-1"}
_LOOK_S = 0.005


class Controls(NamedTuple):
    """Which file of which folder an ability is used by."""

    folder: Path
    file: str

    def write(self, text: str) -> bool:
        """Writes to it; False where the system refuses."""
        try:
            (self.folder / self.file).write_text(text)
        except OSError:
            return False
        return True


class ControlGroup:
    """The folders of one step's groups, one in each hierarchy that takes one."""

    def __init__(self, folders: tuple[Path, ...], uses: tuple[Ability, ...] = ABILITIES) -> None:
        self.folders = folders
        self._controls: dict[Ability, Controls] = {}
        for ability in uses:
            found = next(_controls(folders, ability), None)
            if found is not None:
                self._controls[ability] = found

    @property
    def abilities(self) -> tuple[Ability, ...]:
        """What can be done with it."""
        return tuple(self._controls)

    def bound(self, *, processes: int, memory_bytes: int) -> None:
        """Sets the limits that this machine can set; those it cannot are the business of ``limits``."""
        for ability, limit in (("processes", processes), ("memory", memory_bytes)):
            if (control := self._controls.get(ability)) is not None:  # type: ignore[call-overload]  # a literal of the pair
                control.write(str(limit))

    def enter(self) -> None:
        """Puts the calling process into it; made for the moment between fork and exec."""
        for folder in self.folders:
            Controls(folder, _MEMBERS).write("0")

    def members(self) -> list[int]:
        """Processes that are in it, those that only wait to be reaped left out."""
        found: set[int] = set()
        for folder in self.folders:
            try:
                found.update(int(line) for line in (folder / _MEMBERS).read_text().split())
            except (OSError, ValueError):
                continue
        return sorted(found)

    def kill(self) -> None:
        """One blow at everybody in it, of which nobody gets out by forking where the machine has any ability for it."""
        if (kill := self._controls.get("kill")) is not None and kill.write("1"):
            return
        # Nobody may multiply from here on: what runs while it is being ended would otherwise always be one ahead.
        if (processes := self._controls.get("processes")) is not None:
            processes.write("0")
        freeze = self._controls.get("freeze")
        if freeze is not None:
            freeze.write(_STOPPED[freeze.file][0])
        for pid in self.members():
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        if freeze is not None:
            freeze.write(_STOPPED[freeze.file][1])

    def release(self, pid: int) -> None:
        """Lets one member go on where we are, without the limits of the step."""
        for folder in self.folders:
            Controls(folder.parent, _MEMBERS).write(str(pid))

    def lift(self) -> None:
        """Takes the limits off whoever stays in it."""
        for control in self._controls.values():
            if control.file in _UNLIMITED:
                control.write(_UNLIMITED[control.file])

    def remove(self, within_s: float = 0.0) -> bool:
        """Takes its folders away; False where somebody is still in one of them."""
        until = time.monotonic() + within_s
        while sum(not _removed(folder) for folder in self.folders):
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOK_S)
        return True


def make_control_group(name: str, uses: tuple[Ability, ...] = ABILITIES) -> ControlGroup:
    """New folders of this name below our own groups, in each hierarchy in which one of ``uses`` can be had."""
    made: list[Path] = []
    for own in _own_folders():
        folder = own / name
        try:
            folder.mkdir(exist_ok=True)
        except OSError:
            continue
        useful = any(next(_controls((folder,), ability), None) for ability in uses)
        if useful and os.access(folder / _MEMBERS, os.W_OK):
            made.append(folder)
        else:
            _removed(folder)
    return ControlGroup(tuple(made), uses)


def abilities_here() -> tuple[Ability, ...]:
    """What control groups can do for us on this machine, found by making one and removing it."""
    group = make_control_group(f"step-probe-{os.urandom(6).hex()}")
    try:
        return group.abilities
    finally:
        group.remove()


def _controls(folders: tuple[Path, ...], ability: Ability) -> Iterator[Controls]:
    for folder in folders:
        for file in _FILES[ability]:
            if os.access(folder / file, os.W_OK):
                yield Controls(folder, file)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _own_folders() -> Iterator[Path]:
    """Our own group in every hierarchy that is mounted here."""
    try:
        paths = dict(_own_paths(_OWN.read_text()))
        mounts = _MOUNTS.read_text()
    except OSError:
        return
    seen: set[Path] = set()
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if kind not in ("cgroup", "cgroup2"):
            continue
        root, place = before.split()[3:5]
        keys = [""] if kind == "cgroup2" else options.split(",")
        path = next((paths[key] for key in keys if key in paths), None)
        if path is None:
            continue
        # In a container the mount may begin at the container's own group, of which the path is then told in full.
        below = path.removeprefix(root) if root != "/" else path
        folder = Path(place) / below.lstrip("/")
        if folder not in seen and folder.is_dir():
            seen.add(folder)
            yield folder


def _own_paths(text: str) -> Iterator[tuple[str, str]]:
    """Controller (none for version 2) and path, of the lines ``number:controllers:path``."""
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            yield controller, path
