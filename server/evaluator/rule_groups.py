"""All groups of rules: evaluated at their intervals, alerts handed to every receiver, clocks saved."""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from alerts.promql.labels import Labels
from alerts.promql.parser.printer import to_text
from alerts.rule import AlertRule
from alerts.rule_state import RuleAlert
from server.evaluator.clock import Clock, Grid
from server.evaluator.notifier import Outbox, Posted, needs_sending, posted
from server.evaluator.rule_runner import GroupRunner
from server.evaluator.state_file import SavedAlert, read_state, restored, saved, write_state
from server.periodic import Periodic

log = logging.getLogger(__name__)

_SAVE_EVERY_MS = 10_000


@dataclass(frozen=True, slots=True)
class Sending:
    """How alerts are sent."""

    resend_ms: int
    external_labels: Mapping[str, str]
    external_url: str


class RuleGroups:
    """The runners, the outboxes and the state file between them."""

    def __init__(
        self,
        runners: Sequence[GroupRunner],
        outboxes: Sequence[Outbox],
        sending: Sending,
        state_path: Path,
        clock: Clock,
        file_faults: Mapping[str, str],
        scrape_faults: Sequence[str] = (),
    ) -> None:
        self.file_faults = file_faults
        """Rule files that cannot be used, by name, and why."""
        self.scrape_faults = scrape_faults
        """What of the scrape file is left out, and why."""
        self.runners = runners
        self.outboxes = outboxes
        self._grids: list[Grid] = []
        self._sending = sending
        self._path = state_path
        self._clock = clock
        self._sent: dict[tuple[str, Labels], int] = {}
        self._saved_ms = 0
        self._saved: object = None
        self._saving = asyncio.Lock()

    @property
    def is_configured_well(self) -> bool:
        """Whether all rule files and the whole scrape file could be used."""
        return not (self.file_faults or self.scrape_faults)

    def restore(self) -> None:
        """Takes up what the process before left behind."""
        now = self._clock.now_ms()
        state = read_state(self._path, now)
        by_group: dict[tuple[str, str], list[SavedAlert]] = {}
        for one in state.alerts:
            by_group.setdefault((one.group, one.rule), []).append(one)
        for runner in self.runners:
            for rule in {status.rule.name for status in runner.rules}:
                mine = by_group.get((runner.group.name, rule), [])
                runner.restore(rule, [restored(one, now - state.saved_ms) for one in mine])
        if state.alerts:
            log.info("took up %d alerts from %s", len(state.alerts), self._path)

    def loops(self) -> Iterator[Periodic]:
        """One for each group, on the grid of its interval."""
        for runner in self.runners:
            grid = Grid(self._clock, runner.interval_ms)
            self._grids.append(grid)
            name = f"rules {runner.group.name}"
            yield Periodic(name, grid.every, partial(self._step, runner, grid), pause=grid.wait)

    @property
    def missed(self) -> int:
        """Evaluations left out because the one before took too long."""
        return sum(grid.missed for grid in self._grids)

    async def _step(self, runner: GroupRunner, grid: Grid) -> None:
        try:
            await self.tick(runner, grid.due_ms)
        except Exception:
            runner.failures += 1
            raise

    async def tick(self, runner: GroupRunner, at_ms: int) -> None:
        """One evaluation of a group and all that follows from it."""
        runner.evaluate(at_ms)
        due = list(self._due(runner, at_ms))
        for outbox in self.outboxes:
            outbox.put(due)
        await self._save(at_ms)

    def _due(self, runner: GroupRunner, at_ms: int) -> Iterator[Posted]:
        valid_ms = 4 * max(runner.interval_ms, self._sending.resend_ms)
        for status in runner.rules:
            if not isinstance(status.rule, AlertRule):
                continue
            generator = (
                f"{self._sending.external_url}/graph?g0.expr={quote(to_text(status.rule.expr))}&g0.tab=1"
            )
            for alert in status.alerts.values():
                key = (runner.group.name, alert.labels)
                if needs_sending(alert, self._sent.get(key), at_ms, self._sending.resend_ms):
                    self._sent[key] = at_ms
                    yield posted(
                        alert,
                        at_ms,
                        valid_ms=valid_ms,
                        external=self._sending.external_labels,
                        generator=generator,
                    )

    async def _save(self, at_ms: int) -> None:
        """Saves at every change of an alert's state, else now and then."""
        shape = frozenset(
            (runner.group.name, alert.labels, alert.state)
            for runner in self.runners
            for alert in self._alerts(runner)
        )
        if shape == self._saved and at_ms - self._saved_ms < _SAVE_EVERY_MS:
            return
        async with self._saving:
            lines = list(self._lines())
            try:
                await asyncio.to_thread(write_state, self._path, at_ms, lines)
            except OSError as error:
                log.warning("%s cannot be written: %s", self._path, error)
                return
        self._saved, self._saved_ms = shape, at_ms
        current = {(line.group, tuple(sorted(line.labels.items()))) for line in lines}
        self._sent = {key: sent for key, sent in self._sent.items() if key in current}

    @staticmethod
    def _alerts(runner: GroupRunner) -> Iterator[RuleAlert]:
        return (alert for status in runner.rules for alert in status.alerts.values())

    def _lines(self) -> Iterator[SavedAlert]:
        for runner in self.runners:
            for status in runner.rules:
                for alert in status.alerts.values():
                    yield saved(runner.group.name, status.rule.name, alert)
