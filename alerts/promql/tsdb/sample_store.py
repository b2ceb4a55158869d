"""Samples in memory, found by label."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from alerts.matcher import Matcher
from alerts.promql.labels import NAME, Labels, from_mapping, get
from alerts.promql.tsdb.series import Samples

_SELECTIONS = 256


@dataclass(slots=True, eq=False)
class Series:
    """One series: its labels, in two forms, and its samples."""

    labels: Labels
    unnamed: Labels
    """The labels but the metric's name, which most functions drop."""
    samples: Samples = field(default_factory=Samples)


class SampleStore:
    """All series of one evaluator. A staleness marker is the NaN 0x7ff0000000000002, as in Prometheus."""

    def __init__(self, *, max_series: int = 1_000_000) -> None:
        self.max_series = max_series
        """How many series there ought to be at most; those who add many look at it first."""
        self._series: dict[Labels, Series] = {}
        self._by_name: dict[str, dict[Labels, Series]] = {}
        self._spelled: dict[tuple[tuple[str, str], ...], Series] = {}
        self._selections: dict[tuple[tuple[Matcher, ...], bool], list[Series]] = {}

    def __len__(self) -> int:
        """The number of series."""
        return len(self._series)

    def __iter__(self) -> Iterator[Series]:
        return iter(list(self._series.values()))

    def append(self, labels: Mapping[str, str], t_ms: int, value: float) -> None:
        """Adds one sample; the metric's name is the label ``__name__``.

        Raises ``OutOfOrderError`` for a time before the series' last one.
        """
        spelled = tuple(labels.items())
        series = self._spelled.get(spelled)
        if series is None:
            series = self._spelled[spelled] = self.series(from_mapping(labels))
        series.samples.append(t_ms, value)

    def series(self, labels: Labels) -> Series:
        """The series with these labels, made if need be."""
        found = self._series.get(labels)
        if found is None:
            found = Series(labels, tuple(pair for pair in labels if pair[0] != NAME))
            self._series[labels] = found
            self._by_name.setdefault(get(labels, NAME), {})[labels] = found
            # Exchanged, not emptied: a thread that is still searching keeps its result in the old ones.
            self._selections = {}
        return found

    def get(self, labels: Labels) -> Series | None:
        """The series with exactly these labels, None where there is none."""
        return self._series.get(labels)

    def select(self, matchers: Sequence[Matcher], *, v3: bool = True) -> list[Series]:
        """The series that satisfy every matcher, in the order of their labels."""
        key = (tuple(matchers), v3)
        selections = self._selections
        found = selections.get(key)
        if found is None:
            if len(selections) >= _SELECTIONS:
                selections = self._selections = {}
            found = selections[key] = self._find(key[0], v3=v3)
        return found

    def _find(self, matchers: tuple[Matcher, ...], *, v3: bool) -> list[Series]:
        names = [m.value for m in matchers if m.name == NAME and m.op == "="]
        candidates = self._by_name.get(names[0], {}) if names else self._series
        # A copy at once: another thread may add series meanwhile.
        found = list(candidates.values())
        for matcher in matchers:
            found = _satisfying(found, matcher, v3=v3)
        return sorted(found, key=lambda series: series.labels)

    def cut(self, before_ms: int) -> list[Series]:
        """Forgets samples before a time, and series that have none left; returns those series."""
        for series in self._series.values():
            series.samples.cut(before_ms)
        empty = [series for series in self._series.values() if not len(series.samples)]
        for series in empty:
            del self._series[series.labels]
            del self._by_name[get(series.labels, NAME)][series.labels]
        if empty:
            self._spelled.clear()
            self._by_name = {name: members for name, members in self._by_name.items() if members}
            self._selections = {}
        return empty


def _satisfying(series: list[Series], matcher: Matcher, *, v3: bool) -> list[Series]:
    name = matcher.name
    if not matcher.is_regex:
        return [s for s in series if matcher.accepts(get(s.labels, name))]
    matching = {
        value for value in {get(s.labels, name) for s in series} if matcher.accepts(value, dot_all=v3)
    }
    return [s for s in series if get(s.labels, name) in matching]
