"""Scrapes into the store: target labels, staleness markers, and the series about the scrape itself."""

from collections.abc import Iterable, Mapping, Sequence

from alerts.promql.labels import from_mapping
from alerts.promql.tsdb.sample_store import SampleStore, Series
from alerts.promql.tsdb.series import STALE, OutOfOrderError
from server.evaluator.target import ScrapeTarget
from server.exposition import Exposition, parse_series

_AHEAD_MS, _BEHIND_MS = 600_000, 3_600_000
"""How far from its scrape a sample's own time may lie (Prometheus' head: ten minutes, one hour)."""
_SPARE = 1_000
"""How many spellings of series are remembered beyond those that a target shows."""


class SampleLimitError(ValueError):
    """A scrape that exceeds one of its target's limits."""


class ScrapeRecorder:
    """What one target has shown so far, and the way to write the next scrape."""

    def __init__(self, target: ScrapeTarget, store: SampleStore) -> None:
        self._target = target
        self._store = store
        self._known: dict[str, Series] = {}
        self._shown: set[str] = set()
        self.out_of_order = 0
        self.out_of_bounds = 0
        """Samples whose own time is too far from the scrape's."""
        self.duplicates = 0
        """Samples of a series and time that had a value already: the first one stays."""

    @property
    def remembered(self) -> int:
        """How many spellings of series are remembered."""
        return len(self._known)

    def success(self, exposition: Exposition, at_ms: int, duration_s: float) -> None:
        """Writes a good scrape; what was shown last time and is gone now becomes stale.

        Raises ``SampleLimitError`` or ``ExpositionError`` before anything is written.
        """
        samples = exposition.samples
        if len(samples) > self._target.limits.samples:
            raise SampleLimitError(f"sample_limit exceeded: {len(samples)} samples")
        fresh = self._learn(sample.series for sample in samples)
        timed = set()
        for sample in samples:
            if sample.at_ms is None:
                self._append(self._known[sample.series], at_ms, sample.value)
                continue
            timed.add(sample.series)
            if at_ms - _BEHIND_MS <= sample.at_ms <= at_ms + _AHEAD_MS:
                self._append(self._known[sample.series], sample.at_ms, sample.value)
            else:
                self.out_of_bounds += 1
        # A series with times of its own says itself when it ends (Prometheus does the same).
        shown = {sample.series for sample in samples} - timed
        self._mark_stale(self._shown - shown, at_ms)
        self._shown = shown
        if len(self._known) > 2 * len(samples) + _SPARE:
            self._known = {sample.series: self._known[sample.series] for sample in samples}
        self._report(at_ms, up=1, duration_s=duration_s, samples=len(samples), added=fresh)

    def failure(self, at_ms: int, duration_s: float) -> None:
        """Writes a failed scrape: ``up`` is 0 and everything else is stale."""
        self._mark_stale(self._shown, at_ms)
        self._shown = set()
        self._report(at_ms, up=0, duration_s=duration_s, samples=0, added=0)

    def _learn(self, texts: Iterable[str]) -> int:
        """Resolves the series not seen before; all of them, before any sample is written."""
        unknown = {text: self._labels(parse_series(text)) for text in texts if text not in self._known}
        room = self._store.max_series - len(self._store)
        if len(unknown) > room:
            raise SampleLimitError(
                f"the evaluator keeps {self._store.max_series} series; no room for {len(unknown)} more"
            )
        for text, labels in unknown.items():
            self._known[text] = self._store.series(from_mapping(labels))
        return len(unknown)

    def _labels(self, exposed: dict[str, str]) -> dict[str, str]:
        limits = self._target.limits
        own = self._target.all_labels
        if len(exposed) + len(own) > limits.labels:
            raise SampleLimitError(f"label_limit exceeded: {len(exposed)} labels on {exposed['__name__']}")
        for name, value in exposed.items():
            if len(name) > limits.label_name_length or len(value) > limits.label_value_length:
                raise SampleLimitError(f"label length limit exceeded on {exposed['__name__']}: {name[:60]!r}")
        if self._target.honor_labels:
            return {**own, **exposed}
        exposed = {name: value for name, value in exposed.items() if value}
        moved = {name: value for name, value in exposed.items() if name not in own}
        for name in sorted(exposed.keys() & own.keys(), key=len):
            free = f"exported_{name}"
            while free in moved or free in own:
                free = f"exported_{free}"
            moved[free] = exposed[name]
        return {**moved, **own}

    def _mark_stale(self, texts: Iterable[str], at_ms: int) -> None:
        for text in texts:
            series = self._known[text].samples
            # The same series may be shown yet, spelled otherwise.
            if not len(series) or series.last_ms != at_ms:
                self._append(self._known[text], at_ms, STALE)

    def _append(self, series: Series, at_ms: int, value: float) -> None:
        if len(series.samples) and series.samples.last_ms == at_ms:
            self.duplicates += 1
            return
        try:
            series.samples.append(at_ms, value)
        except OutOfOrderError:
            self.out_of_order += 1

    def _own(self, name: str) -> Series:
        return self._store.series(from_mapping({"__name__": name, **self._target.all_labels}))

    def _report(self, at_ms: int, *, up: int, duration_s: float, samples: int, added: int) -> None:
        report: Mapping[str, float] = {
            "up": up,
            "scrape_duration_seconds": duration_s,
            "scrape_samples_scraped": samples,
            "scrape_samples_post_metric_relabeling": samples,
            "scrape_series_added": added,
        }
        for name, value in report.items():
            self._append(self._own(name), at_ms, float(value))

    def forget(self, gone: Sequence[Series]) -> None:
        """Drops series that the store no longer has, so that they are made anew when they come back."""
        lost = {id(series) for series in gone}
        self._known = {text: series for text, series in self._known.items() if id(series) not in lost}
        self._shown &= self._known.keys()
