"""The workers and the listening sockets that they share.

No listening socket is ever closed while the API runs, since that would drop the connections that wait in it: what a
worker no longer accepts on, another one does (docs/decisions/0105).
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from server.api.cluster.assignment import Assignment
from server.api.cluster.master_client import WorkerView
from server.api.cluster.reuseport import reuseport_among_first
from server.api.cluster.worker_process import WorkerProcess, WorkerSilentError
from server.api.config import ApiConfig
from server.api.release import release
from server.api.tasks import Tasks
from server.api.telemetry.log import Log
from server.api.telemetry.multiprocess import bury, clean

_START_S = 30.0
"""A new worker that accepts nothing after so long is given up."""
_TELL_S = 10.0
_BIND_S = 5.0
_LONGEST_PAUSE_S = 5.0
_LOOK_S = 0.25

Say = Callable[[str], None]


class WorkerPoolError(Exception):
    """What was asked for could not be done; the message says how things stand."""


class Place:
    """One worker's place: who is on it, or since when nobody is."""

    def __init__(self, code: Path | None) -> None:
        self.code = code
        """The release that a worker on it runs, also one that is started again after it died."""
        self.worker: WorkerProcess | None = None
        self.changing = asyncio.Lock()
        self.pause_s = 0.1
        self.start_at = 0.0


class Workers:
    """Starts, replaces, adds and takes away workers. Raises ``OSError`` when the port is taken."""

    def __init__(self, config: ApiConfig, env: Mapping[str, str], log: Log) -> None:
        self._config = config
        self._log = log
        self._metrics = config.state / "metrics"
        # A worker's threads fill schemas one after the other: an arena of memory for each would only hold what is free.
        self._env = {"MALLOC_ARENA_MAX": "2", **env, "PROMETHEUS_MULTIPROC_DIR": str(self._metrics)}
        self._listeners = [bound(config)]
        self._places: list[Place] = []
        self._leaving: list[WorkerProcess] = []
        self._tasks = Tasks()
        self.news = asyncio.Event()
        """Set by who knows that a process has ended."""

    @property
    def count(self) -> int:
        """How many there should be."""
        return len(self._places)

    @property
    def views(self) -> tuple[WorkerView, ...]:
        """Those that accept connections."""
        workers = [place.worker for place in self._places]
        return tuple(
            WorkerView(pid=worker.pid, version=worker.version) for worker in workers if worker is not None
        )

    async def run(self, count: int) -> None:
        """Keep the workers alive until cancelled, ``count`` of them at first."""
        # Before any worker writes: files that a killed master left would count twice.
        clean(self._metrics)
        code = self._marked_or_ours()
        while len(self._listeners) < count:
            self._listeners.append(_another(self._listeners[0]))
        self._places = [Place(code) for _ in range(count)]
        reuseport_among_first(self._listeners, count)
        try:
            while True:
                self.news.clear()
                self._look()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_S):
                        await self.news.wait()
        finally:
            await self._tasks.close()

    async def scale(self, count: int, say: Say) -> None:
        """Go to ``count`` workers without losing a connection. Raises ``WorkerPoolError``."""
        if count > self.count:
            await self._grow(count, say)
        elif count < self.count:
            await self._shrink(count, say)

    async def roll(self, say: Say) -> str:
        """A new worker of the marked release on every place, one after the other; what came of it. Raises ``WorkerPoolError``.

        Where a new one does not come up, the old one stays, and so do those that come after it.
        """
        code, count = self._marked(), self.count
        old: list[WorkerProcess] = []
        for number, place in enumerate(list(self._places)):
            # The lock keeps the look-out from filling the place a second time while the old worker ends.
            async with place.changing:
                try:
                    new = await self._started(code, self._assignment(number, count))
                except WorkerSilentError as fault:
                    what = f"{number} of {count} were replaced" if number else "none was replaced"
                    raise WorkerPoolError(
                        f"a new worker did not come up: {fault}. The old ones stay, {what}; no request was lost"
                    ) from fault
                before, place.worker, place.code, place.pause_s = place.worker, new, code, 0.1
            who = "" if before is None else f"; pid {before.pid} ({before.version}) finishes"
            # The old one is told to leave only after the new one accepts on the same sockets: what waits in their queues
            # always has somebody to take it.
            say(f"worker {number + 1} of {count}: pid {new.pid} ({new.version}) accepts connections{who}")
            if before is not None:
                self._leave(before)
                old.append(before)
        await self._gone(old)
        versions = ", ".join(sorted({view.version for view in self.views}))
        return f"{count} workers replaced, all of version {versions}; the old ones have finished"

    def end(self) -> None:
        """Let every worker finish, and wait for it."""
        # Workers hold the sockets too: closing ours ends nothing that waits, and frees the port when the last of them goes.
        for listener in self._listeners:
            listener.close()
        workers = [place.worker for place in self._places if place.worker is not None] + self._leaving
        for worker in workers:
            worker.leave()
        deadline = time.monotonic() + self._config.drain_timeout_s + 3
        for worker in workers:
            worker.wait(deadline - time.monotonic())

    async def _grow(self, count: int, say: Say) -> None:
        """New workers on sockets that get no connection before they accept; then everybody takes their share."""
        before, code = self.count, self._marked()
        new: list[Place] = []
        try:
            for number in range(before, count):
                self._listen_on(number)
                place = Place(code)
                place.worker = await self._started(code, Assignment(listeners=(number,), workers=count))
                new.append(place)
                say(
                    f"worker {number + 1} of {count}: pid {place.worker.pid} ({place.worker.version}) accepts connections"
                )
        # First those who stay take the new sockets over, then the new workers go: in the other order connections that
        # wait in them would be reset.
        except BaseException as fault:
            await self._share()
            for place in new:
                self._let_go(place)
            if isinstance(fault, WorkerSilentError):
                raise WorkerPoolError(
                    f"a new worker did not come up: {fault}. There are {before} as before; no request was lost"
                ) from fault
            raise
        # The kernel sends connections to the new sockets only now, when all their workers accept.
        self._places += new
        reuseport_among_first(self._listeners, count)
        await self._share()

    def _listen_on(self, number: int) -> None:
        if number == len(self._listeners):
            # Fixed to the present ones before one more listens: the kernel would send connections to it at once, and nobody
            # accepts there yet.
            reuseport_among_first(self._listeners, self.count)
            self._listeners.append(_another(self._listeners[0]))

    async def _shrink(self, count: int, say: Say) -> None:
        """No new connection for who leaves; what waits for them is taken by who stays; only then they go."""
        # No new connection to who leaves; then those who stay take over what waits; only then they leave.
        reuseport_among_first(self._listeners, count)
        leaving = self._places[count:]
        del self._places[count:]
        await self._share()
        for place in leaving:
            self._let_go(place)
        say(f"{count} accept all connections now; {len(leaving)} finish what they have in flight")
        await self._gone([place.worker for place in leaving if place.worker is not None])

    async def _share(self) -> None:
        """Tell every worker its listening sockets: together they accept on each of them."""

        async def tell(number: int, worker: WorkerProcess) -> None:
            try:
                await worker.tell(self._assignment(number, self.count), self._listeners, within_s=_TELL_S)
            except WorkerSilentError as fault:
                self._log.event("ERROR", "silent", str(fault), part="master")
                worker.kill()

        workers = [(number, place.worker) for number, place in enumerate(self._places)]
        await asyncio.gather(*(tell(number, worker) for number, worker in workers if worker is not None))

    def _assignment(self, number: int, count: int) -> Assignment:
        return Assignment(listeners=tuple(range(number, len(self._listeners), count)), workers=count)

    async def _started(self, code: Path | None, assignment: Assignment) -> WorkerProcess:
        """A new worker that accepts as assigned. Raises ``WorkerSilentError``."""
        worker = WorkerProcess(self._env, code)
        try:
            await worker.tell(assignment, self._listeners, within_s=_START_S)
        except BaseException:
            worker.kill()
            self._leaving.append(worker)
            raise
        return worker

    def _let_go(self, place: Place) -> None:
        if place.worker is not None:
            self._leave(place.worker)

    def _leave(self, worker: WorkerProcess) -> None:
        worker.leave()
        self._leaving.append(worker)

    async def _gone(self, workers: list[WorkerProcess]) -> None:
        """Until these have finished; who takes longer than it may is killed."""
        longest_s = self._config.drain_timeout_s + 5
        await asyncio.gather(*(asyncio.to_thread(worker.wait, longest_s) for worker in workers))

    def _look(self) -> None:
        """Bury who has ended, and start again who should not have."""
        for worker in [worker for worker in self._leaving if worker.ended]:
            self._leaving.remove(worker)
            self._bury(worker)
        now = time.monotonic()
        for place in self._places:
            if place.changing.locked():
                continue
            if place.worker is not None and place.worker.ended:
                self._log.event(
                    "ERROR", "worker_ended", f"pid {place.worker.pid} ended by itself", part="master"
                )
                self._bury(place.worker)
                lived_s = now - place.worker.started_at
                place.pause_s = 0.1 if lived_s > 5 else min(_LONGEST_PAUSE_S, place.pause_s * 2)
                place.worker, place.start_at = None, now + place.pause_s
            if place.worker is None and now >= place.start_at:
                self._tasks.start(self._fill(place), name="fill")

    async def _fill(self, place: Place) -> None:
        """A worker for an empty place; one that fails is tried again after a pause that grows."""
        async with place.changing:
            if place.worker is not None or place not in self._places:
                return
            number, count = self._places.index(place), self.count
            try:
                worker = await self._started(place.code, self._assignment(number, count))
            except WorkerSilentError as fault:
                self._log.event("ERROR", "no_worker", str(fault), part="master")
                place.pause_s = min(_LONGEST_PAUSE_S, place.pause_s * 2)
                place.start_at = time.monotonic() + place.pause_s
                return
            # The pool may have shrunk while the worker started.
            if place not in self._places:
                self._leave(worker)
                return
            place.worker = worker
        if self.count != count:
            await self._share()

    def _bury(self, worker: WorkerProcess) -> None:
        worker.close()
        bury(self._metrics, worker.pid)

    def _marked(self) -> Path | None:
        """The folder of the marked release; None: the code that the master runs. Raises ``WorkerPoolError``."""
        folder = self._config.releases
        mark = None if folder is None else release.marked(folder)
        if folder is None or mark is None:
            return None
        if not release.whole(folder, mark.version):
            raise WorkerPoolError(
                f"release {mark.version} is marked, and is not there or not as it was taken"
            )
        return folder / mark.version

    def _marked_or_ours(self) -> Path | None:
        """At the start any code that answers is better than none."""
        try:
            return self._marked()
        except WorkerPoolError as trouble:
            self._log.event("ERROR", "no_release", f"{trouble}: workers run the code in place", part="master")
            return None


def bound(config: ApiConfig) -> socket.socket:
    """The first listening socket. Raises ``OSError`` when the port is taken.

    A master that was killed leaves workers that are closing theirs: it is tried again for a few seconds.
    """
    until = time.monotonic() + _BIND_S
    while True:
        try:
            return _bound(config)
        except OSError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.1)


def _bound(config: ApiConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.api_bind else socket.AF_INET
    with socket.create_server((config.api_bind, config.api_port), family=family) as alone:
        address = alone.getsockname()
    return socket.create_server(address[:2], family=family, backlog=1024, reuse_port=True)


def _another(listener: socket.socket) -> socket.socket:
    """One more listening socket on the same port (SO_REUSEPORT)."""
    address = listener.getsockname()
    return socket.create_server(address[:2], family=listener.family, backlog=1024, reuse_port=True)
