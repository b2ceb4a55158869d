"""The small program that stands between the daemon and a step: it outlives the daemon and tells the end to a file."""

import ctypes
import errno
import fcntl
import os
import pwd
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from server.runner.control_group import ControlGroup, make_control_group
from server.runner.family import Family
from server.runner.limits import child_setup
from server.runner.output_writer import HEAD, OutputWriter, read_kept
from server.runner.process import identify
from server.runner.redaction import RedactedStream, Redaction
from server.runner.spec import CLAIM, STATUS, STATUS_ROOM, ShimSpec, ShimStatus, group_name

_PR_SET_CHILD_SUBREAPER = 36
_PIPE = 1024 * 1024
_CLAIMED_BY_ANOTHER = 4
_REMOVE_S = 0.2


class StatusFile:
    """The step's status on disk, with its room taken in advance."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / STATUS, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self, status: ShimStatus) -> None:
        """Replaces the status by this one, all of it at once."""
        text = msgspec.json.encode(status)
        if len(text) > STATUS_ROOM:
            text = msgspec.json.encode(msgspec.structs.replace(status, survivors=status.survivors[:50]))
        os.pwrite(self._file, text.ljust(STATUS_ROOM), 0)
        os.fsync(self._file)


class Stream:
    """One of the step's two outputs, read from a pipe, redacted and kept."""

    def __init__(self, name: str, folder: Path, redacted: RedactedStream) -> None:
        self.name = name
        self._redacted = redacted
        self.kept = OutputWriter(folder, name)
        self._pipe = -1
        self.open = False

    def attach(self, pipe: IO[bytes]) -> None:
        """Reads from this pipe from now on."""
        self._pipe = pipe.fileno()
        self.open = True
        os.set_blocking(self._pipe, False)
        with suppress(OSError, AttributeError):
            fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, _PIPE)

    def read(self) -> None:
        """Takes what is there."""
        try:
            piece = os.read(self._pipe, _PIPE)
        except BlockingIOError:
            return
        self.open = bool(piece)
        self.kept.write(self._redacted.feed(piece))

    def finish(self) -> None:
        """Lets go what was held back for the sake of redaction."""
        self.kept.write(self._redacted.finish())
        self.kept.close()


class Ended(NamedTuple):
    """How one process ended."""

    code: int | None
    timed_out: bool = False
    survivors: tuple[int, ...] = ()
    escaped: bool = False
    unconfirmed: bool = False
    fault: str | None = None


class StepRun:
    """One run of one argv, with its pre-check before it."""

    def __init__(self, spec: ShimSpec, me: ShimStatus, status_file: StatusFile, group: ControlGroup) -> None:
        self._spec = spec
        self._group = group
        self._status = me
        self._status_file = status_file
        self._cancelled = False
        self._until = time.monotonic() + spec.timeout_s
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        redaction = Redaction(spec.secrets)
        self._streams = tuple(
            Stream(name, Path(spec.folder), redaction.stream()) for name in ("stdout", "stderr")
        )

    def run(self) -> ShimStatus:
        """Runs it to its end and returns the last status."""
        # The wake-up pipe comes before the handlers: a signal that arrived between them would wake nobody, and the
        # select below would sleep over the end of a child or over a cancel.
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._cancel)
        # TERM was blocked from the first line of main: a cancel that came earlier is delivered here, not lost and not fatal.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        ended, checked = Ended(code=0), True
        if self._spec.precheck:
            ended = self._one(self._spec.precheck)
            checked = ended.code == 0 and not self._cancelled
        if checked and not self._spec.dry_run:
            ended = self._one(self._spec.argv)
        for stream in self._streams:
            stream.finish()
        return self._finish(ended, precheck_failed=not checked)

    def _one(self, argv: tuple[str, ...]) -> Ended:
        try:
            process = self._start(argv)
        except OSError as error:
            return Ended(code=127, fault=f"could not be started: {error.strerror}: {error.filename}")
        family = Family(process, self._group)
        self._announce(process)
        # Whoever left the group is counted before anything is killed; afterwards nobody could tell that it had left.
        timed_out = not self._watch(family)
        survivors = family.members()
        escaped = family.left_group(survivors)
        must_end = timed_out or self._cancelled or (self._spec.end_leftovers and not family.is_gone())
        if must_end:
            at_once = timed_out or self._cancelled
            grace_s = self._spec.grace_s if at_once else min(self._spec.grace_s, 2.0)
            family.end(grace_s, self._spec.kill_s, self._turn)
        unconfirmed = must_end and not family.is_gone()
        # Drained last: while anybody of the family lives it may still write, and a grandchild that holds the pipe open
        # would keep us here for ever (CPython gh-119710), so the wait is bounded.
        survivors = family.members()
        self._drain()
        if survivors and not must_end:
            family.release()
        return Ended(
            process.returncode, timed_out and not self._cancelled, tuple(survivors), escaped, unconfirmed
        )

    def _start(self, argv: tuple[str, ...]) -> subprocess.Popen[bytes]:
        identity = _identity(self._spec.user)
        limits = self._spec.limits
        # Before each start: ending the leftovers of a pre-check may have taken the right to fork from the group.
        self._group.bound(processes=limits.processes, memory_bytes=limits.memory_bytes)
        set_up = child_setup(limits, self._group.abilities, self._group.enter, identity.user)

        def prepare() -> None:
            # The group first: only the daemon's own user may enter it.
            set_up()
            identity.take_on()

        process = subprocess.Popen(
            argv,
            env=self._spec.env,
            cwd=self._spec.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            # Safe where there is one thread, and the shim has one.
            preexec_fn=prepare,
        )
        for stream, pipe in zip(self._streams, (process.stdout, process.stderr), strict=True):
            if pipe is not None:
                stream.attach(pipe)
                self._selector.register(pipe, selectors.EVENT_READ, stream)
        return process

    def _announce(self, process: subprocess.Popen[bytes]) -> None:
        self._status = msgspec.structs.replace(
            self._status,
            phase="running",
            pid=process.pid,
            pgid=process.pid,
            started_at=self._status.started_at or datetime.now(UTC),
        )
        # The file first: a daemon that dies on the word below must find the pid when it looks for it again.
        self._status_file.write(self._status)
        _tell_daemon(self._status)

    def _cancel(self, *_: object) -> None:
        self._cancelled = True

    def _watch(self, family: Family) -> bool:
        """Reads until the process ends or is to be cancelled; False when the time was up first."""
        while not self._cancelled:
            if family.reap():
                return True
            left = self._until - time.monotonic()
            if left <= 0:
                return False
            self._turn(left)
        return True

    def _turn(self, at_most_s: float) -> None:
        for key, _ in self._selector.select(max(0.0, at_most_s)):
            if key.data is None:
                _empty(self._wake_read)
            else:
                key.data.read()
                if not key.data.open:
                    self._selector.unregister(key.fileobj)

    def _drain(self) -> None:
        """Reads what is still in the pipes, but does not wait for ever for somebody who holds one open."""
        until = time.monotonic() + self._spec.drain_s
        while any(stream.open for stream in self._streams) and time.monotonic() < until:
            self._turn(until - time.monotonic())
        for key in list(self._selector.get_map().values()):
            if key.data is not None:
                self._selector.unregister(key.fileobj)

    def _finish(self, ended: Ended, *, precheck_failed: bool) -> ShimStatus:
        code = ended.code
        self._status = msgspec.structs.replace(
            self._status,
            phase="finished",
            finished_at=datetime.now(UTC),
            exit_code=code if code is not None and code >= 0 else None,
            signal=-code if code is not None and code < 0 else None,
            timed_out=ended.timed_out,
            cancelled=self._cancelled,
            survivors=ended.survivors,
            escaped=ended.escaped,
            unconfirmed=ended.unconfirmed,
            fault=ended.fault,
            precheck_failed=precheck_failed,
            cut={stream.name: cut for stream in self._streams if (cut := self._cut(stream))},
            lost=sum(stream.kept.lost for stream in self._streams),
        )
        self._status_file.write(self._status)
        return self._status

    def _cut(self, stream: Stream) -> int:
        if stream.kept.written <= HEAD:
            return 0
        return read_kept(Path(self._spec.folder), stream.name, HEAD, limit=1).cut_bytes


class _Identity(NamedTuple):
    """Who a step is; None each for the shim's own."""

    user: int | None = None
    group: int | None = None
    groups: tuple[int, ...] = ()

    def take_on(self) -> None:
        """Makes this process that user's, for good."""
        if self.user is not None and self.group is not None:
            os.setgroups(self.groups)
            os.setgid(self.group)
            os.setuid(self.user)


def _identity(name: str) -> _Identity:
    """Who the step is to be. Raises ``OSError`` where there is no such user, as for a program that is not there."""
    if not name:
        return _Identity()
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise FileNotFoundError(errno.ENOENT, "no such user", name) from None
    if found.pw_uid == os.geteuid():
        return _Identity()
    return _Identity(found.pw_uid, found.pw_gid, tuple(os.getgrouplist(name, found.pw_gid)))


def _empty(pipe: int) -> None:
    try:
        while os.read(pipe, 4096):
            pass
    except BlockingIOError:
        pass


def _tell_daemon(status: ShimStatus) -> None:
    """One line for the daemon that started us, which may be gone by now."""
    try:
        os.write(1, msgspec.json.encode(status) + b"\n")
    except OSError:
        pass


def _claim(folder: Path) -> bool:
    """Takes the right to run this execution; the daemon takes it where it gives the execution up."""
    try:
        os.close(os.open(folder / CLAIM, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return False
    return True


def main() -> int:
    """Reads the spec from stdin to its end, claims the execution, runs it."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # Before anything else: a TERM before the claim would otherwise end us without a trace of why.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    spec = msgspec.json.decode(sys.stdin.buffer.read(), type=ShimSpec)
    if spec.niceness:
        os.nice(spec.niceness)
    folder = Path(spec.folder)
    myself = identify(os.getpid())
    status = ShimStatus(
        phase="claimed",
        shim_pid=os.getpid(),
        shim_start=myself.start_time if myself else 0,
        boot_id=myself.boot_id if myself else "",
    )
    # The claim decides, by O_EXCL, between us and a daemon that gives this execution up: exactly one of us wins, so
    # a step never runs after the journal has said that it never will.
    if not _claim(folder):
        return _CLAIMED_BY_ANOTHER
    status_file = StatusFile(folder)
    group = make_control_group(group_name(folder), spec.abilities)
    status = msgspec.structs.replace(status, groups=tuple(map(str, group.folders)))
    # On disk before the step starts: a claim without a status would be a step of which nobody knows whether it runs.
    status_file.write(status)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    StepRun(spec, status, status_file, group).run()
    group.remove(_REMOVE_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
