"""The scrape loops: one for each target, each at its own interval and never two of one target at once."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from alerts.promql.tsdb.sample_store import SampleStore, Series
from server.evaluator.clock import Clock, Grid
from server.evaluator.recorder import SampleLimitError, ScrapeRecorder
from server.evaluator.scrape import ScrapeError
from server.evaluator.target import ScrapeTarget
from server.exposition import Exposition, ExpositionError, Metadata
from server.periodic import Periodic

log = logging.getLogger(__name__)

_EARLIEST, _SPREAD = 0.1, 0.6
"""Where in an interval the scrapes lie; rules are evaluated at its ends."""

Fetch = Callable[[ScrapeTarget], Awaitable[Exposition]]


@dataclass(slots=True)
class ScrapeState:
    """How a target stands, as ``/api/v1/targets`` shows it."""

    target: ScrapeTarget
    recorder: ScrapeRecorder
    fetch: Fetch
    first_scrape_ms: int | None = None
    health: str = "unknown"
    last_error: str = ""
    last_scrape_ms: int = 0
    last_duration_s: float = 0.0
    failures: int = 0
    was_down: bool = False
    """Whether it has ever not answered."""
    up_since_ms: int = 0
    """Since when it has answered without a gap."""
    metadata: dict[str, Metadata] = field(default_factory=dict)


class ScrapePool:
    """All targets of one evaluator."""

    def __init__(self, store: SampleStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.states: list[ScrapeState] = []

    @property
    def series(self) -> int:
        """How many series there are, of all targets and rules."""
        return len(self._store)

    def add(self, target: ScrapeTarget, fetch: Fetch) -> None:
        """Begins with the next ``run``."""
        self.states.append(ScrapeState(target, ScrapeRecorder(target, self._store), fetch))

    def loops(self) -> Iterator[Periodic]:
        """One for each target: at once, then on a grid of its own, not all at one instant, before the rules look."""
        for index, state in enumerate(self.states):
            share = _EARLIEST + _SPREAD * index / len(self.states)
            grid = Grid(self._clock, state.target.interval_ms, share, at_once=True)
            name = f"scrape {state.target.job} {state.target.instance}"
            yield Periodic(name, grid.every, partial(self._guarded, state), pause=grid.wait)

    async def _guarded(self, state: ScrapeState) -> None:
        try:
            await self.scrape(state)
        except Exception:
            state.health, state.last_error = "down", "internal error; see the log"
            raise

    async def scrape(self, state: ScrapeState) -> None:
        """One scrape; whatever the target does, the loop goes on."""
        at_ms, started = self._clock.now_ms(), self._clock.monotonic()
        if state.first_scrape_ms is None:
            state.first_scrape_ms = at_ms
        try:
            exposition = await state.fetch(state.target)
            duration = self._clock.monotonic() - started
            state.recorder.success(exposition, at_ms, duration)
        except (ScrapeError, ExpositionError, SampleLimitError) as error:
            duration = self._clock.monotonic() - started
            if state.health == "unknown" and at_ms - state.first_scrape_ms < state.target.interval_ms:
                # What is started together with us needs a moment to listen: nothing is known of it until then.
                state.last_error = str(error)
            else:
                state.recorder.failure(at_ms, duration)
                state.failures += 1
                self._note(state, "down", str(error))
        else:
            if state.health != "up":
                state.was_down, state.up_since_ms = state.health == "down", at_ms
            state.metadata = exposition.metadata
            self._note(state, "up", "")
        state.last_scrape_ms, state.last_duration_s = at_ms, duration

    @staticmethod
    def _note(state: ScrapeState, health: str, error: str) -> None:
        if health != state.health:
            log.info(
                "target %s %s is %s%s", state.target.job, state.target.url, health, error and f": {error}"
            )
        state.health, state.last_error = health, error

    def cut(self, before_ms: int) -> None:
        """Forgets old samples, and the series that have none left."""
        gone: Sequence[Series] = self._store.cut(before_ms)
        if gone:
            for state in self.states:
                state.recorder.forget(gone)
