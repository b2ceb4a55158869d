"""The one owner of background loops: a step that is taken every so often, whatever becomes of the one before."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

import msgspec

_log = logging.getLogger("loops")
_LONGEST_STEP_S = 60.0
_LONGEST_STEP = 10
"""Times its own period, from which a step that has not ended is a fault, and never before a minute."""
Step = Callable[[], Awaitable[object]]
Report = Callable[[str, Exception, bool], None]
"""Told of a loop's name, an error of its step, and whether the step before had one of that kind already."""
Pause = Callable[[], Awaitable[object]]
"""Waits until the next step is due."""


class LoopHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How one background loop is, as ``/v1/health`` shows it."""

    every_s: float
    last_success_at: datetime | None
    """When a step last ended well; None before the first."""
    failures: int
    """Steps that have failed since the process began."""
    fault: str | None
    """What was wrong with the latest step, None when it ended well."""


def log_error(name: str, error: Exception, again: bool) -> None:
    """The first error of a kind with its traceback in the process's log; a dependency that is away fills no disk."""
    if again:
        return
    _log.error("%s: %s: %s", name, type(error).__name__, error, exc_info=error)


class Periodic:
    """Takes ``step`` every ``every``, for as long as its context is open.

    What a step raises is logged, counted and kept to be shown, and the loop goes on. The pause is between the end of
    a step and the begin of the next; setting ``sooner`` cuts it short. A loop that keeps to a grid, or is tested with
    a clock of its own, brings a ``pause``, which comes before the first step as well.
    """

    def __init__(
        self,
        name: str,
        every: timedelta,
        step: Step,
        *,
        report: Report = log_error,
        sooner: asyncio.Event | None = None,
        pause: Pause | None = None,
    ) -> None:
        self.name = name
        self.sooner = sooner or asyncio.Event()
        self._every, self._step, self._report, self._pause = every, step, report, pause
        self._failures = 0
        self._fault: str | None = None
        self._kind: type[Exception] | None = None
        self._succeeded_at: datetime | None = None
        self._task: asyncio.Task[None] | None = None
        self._stepping_since: float | None = None

    @property
    def health(self) -> LoopHealth:
        """How the loop is now."""
        return LoopHealth(
            every_s=self._every.total_seconds(),
            last_success_at=self._succeeded_at,
            failures=self._failures,
            fault=self._fault or self._stopped,
        )

    @property
    def _stopped(self) -> str | None:
        """What is wrong with a loop of which no step fails, because none comes to its end."""
        if self._task is not None and self._task.done():
            return "the loop has ended"
        if self._stepping_since is None:
            return None
        on_for_s = time.monotonic() - self._stepping_since
        if on_for_s <= max(_LONGEST_STEP_S, _LONGEST_STEP * self._every.total_seconds()):
            return None
        return f"its step has not ended for {on_for_s:.0f} s"

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Periodic"]:
        """Steps until the block is left; a step that is on then is cancelled and waited for."""
        task = self._task = asyncio.create_task(self._for_ever(), name=self.name)
        try:
            yield self
        finally:
            self._task = None
            # A library may turn one cancellation into an error of its own, and the loop goes on after errors.
            while not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=0.2)

    async def turn(self) -> bool:
        """Takes one step; whether it ended well."""
        self._stepping_since = time.monotonic()
        try:
            await self._step()
        except Exception as error:  # noqa: BLE001 - the outermost loop of a task
            self._failures += 1
            self._fault = f"{type(error).__name__}: {error}"
            again, self._kind = type(error) is self._kind, type(error)
            self._report(self.name, error, again)
            return False
        finally:
            self._stepping_since = None
        self._fault = self._kind = None
        self._succeeded_at = datetime.now(UTC)
        return True

    async def _for_ever(self) -> None:
        while True:
            if self._pause is not None:
                await self._pause()
                await self.turn()
                continue
            self.sooner.clear()
            await self.turn()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every.total_seconds()):
                    await self.sooner.wait()


class Loops:
    """All background loops of one process."""

    def __init__(self, loops: Iterable[Periodic] = ()) -> None:
        self.loops = list(loops)

    def add(self, *loops: Periodic) -> None:
        """Adds loops, before they run."""
        self.loops.extend(loops)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Loops"]:
        """Runs all of them until the block is left, and ends the last one first."""
        async with contextlib.AsyncExitStack() as stack:
            for loop in self.loops:
                await stack.enter_async_context(loop.running())
            yield self

    @property
    def health(self) -> dict[str, LoopHealth]:
        """How each of them is, by name."""
        return {loop.name: loop.health for loop in self.loops}

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong with those whose latest step failed, by name."""
        return {name: health.fault for name, health in self.health.items() if health.fault is not None}
