"""The master: keeps the workers, and changes them as it is told.

SIGHUP replaces the workers, SIGTERM lets them finish; ``control`` says what else can be asked.
"""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

from server.api.cluster.control_socket import ControlSocket
from server.api.cluster.master_client import Done, MasterStanding, Order, Roll, Scale
from server.api.cluster.worker_count import WantedWorkers, WorkerCountError, keep, recall
from server.api.cluster.worker_pool import Say, WorkerPoolError, Workers
from server.api.config import ApiConfig
from server.api.tasks import Tasks
from server.api.telemetry.log import Log

_LOOK_S = 0.25
_AGAIN_S = 5.0


class Master:
    """One API: its workers, and how many of them are wanted. Raises ``OSError`` when the port is taken."""

    def __init__(self, config: ApiConfig, env: Mapping[str, str], log: Log) -> None:
        self._config = config
        self._log = log
        self._wanted_file = config.state / "workers.json"
        self._wanted = self._recalled()
        self._workers = Workers(config, env, log)
        self._tasks = Tasks()
        self._doing = ""

    async def run(self) -> int:
        """Work until SIGTERM or SIGINT; the exit code."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGCHLD, self._workers.news.set)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        wanted = self._wanted.at(datetime.now(UTC), self._config.workers)
        works = [
            self._tasks.start(work, name="keep") for work in (self._workers.run(wanted), self._keep_time())
        ]
        async with ControlSocket(self, self._config.state, self._log).answered():
            stopped = self._tasks.start(stop.wait(), name="stop")
            await asyncio.wait([stopped, *works], return_when=asyncio.FIRST_COMPLETED)
        await self._tasks.close()
        self._workers.end()
        for work in works:
            with contextlib.suppress(asyncio.CancelledError):
                work.result()
        return 0

    @property
    def standing(self) -> MasterStanding:
        """How things are."""
        until_at = self._wanted.until_at
        return MasterStanding(
            wanted=self._workers.count,
            configured=self._config.workers,
            until_at=until_at if until_at is not None and datetime.now(UTC) < until_at else None,
            workers=self._workers.views,
        )

    async def carry_out(self, order: Order, say: Say) -> Done:
        """Do what is asked, one change at a time."""
        if isinstance(order, Scale):
            return await self._change(f"going to {order.workers} workers", lambda: self._scale(order, say))
        if isinstance(order, Roll):
            return await self._change("replacing the workers", lambda: self._workers.roll(say))
        return Done(ok=True, text="", standing=self.standing)

    async def _change(self, doing: str, change: Callable[[], Awaitable[str]]) -> Done:
        if self._doing:
            return Done(ok=False, text=f"already {self._doing}; wait for its end", standing=self.standing)
        self._doing = doing
        self._log.event("INFO", "change", doing, part="master")
        try:
            ok, text = True, await change()
        except WorkerPoolError as trouble:
            ok, text = False, str(trouble)
        finally:
            self._doing = ""
        self._log.event("INFO" if ok else "ERROR", "changed" if ok else "trouble", text, part="master")
        return Done(ok=ok, text=text, standing=self.standing)

    async def _scale(self, order: Scale, say: Say) -> str:
        before = self._workers.count
        await self._workers.scale(order.workers, say)
        if order.for_s is None:
            self._remember(WantedWorkers(workers=order.workers))
            return f"workers {before} → {order.workers}"
        until_at = datetime.now(UTC) + timedelta(seconds=order.for_s)
        self._remember(
            WantedWorkers(workers=self._wanted.workers, temporary=order.workers, until_at=until_at)
        )
        return f"workers {before} → {order.workers}, until {until_at:%H:%M:%SZ}"

    def _hang_up(self) -> None:
        self._tasks.start(self.carry_out(Roll(), lambda _: None), name="hangup")

    def _recalled(self) -> WantedWorkers:
        try:
            return recall(self._wanted_file)
        except WorkerCountError as fault:
            text = f"{fault}; WORKERS={self._config.workers} counts"
            self._log.event("ERROR", "workers_file", text, part="master")
            return WantedWorkers()

    def _remember(self, wanted: WantedWorkers) -> None:
        self._wanted = wanted
        try:
            keep(self._wanted_file, wanted)
        except OSError as error:
            raise WorkerPoolError(f"it is done, but a restart will forget it: {error}") from error

    async def _keep_time(self) -> None:
        """End a temporary number of workers when its time has come."""
        while True:
            await asyncio.sleep(_LOOK_S)
            until_at = self._wanted.until_at
            if until_at is not None and datetime.now(UTC) >= until_at and not self._doing:
                done = await self._change("ending a temporary number of workers", self._go_back)
                await asyncio.sleep(0 if done.ok else _AGAIN_S)

    async def _go_back(self) -> str:
        after = WantedWorkers(workers=self._wanted.workers)
        count = after.at(datetime.now(UTC), self._config.workers)
        await self._workers.scale(count, lambda _: None)
        self._remember(after)
        return f"{count} workers again"
