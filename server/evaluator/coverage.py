"""What a rule could see of its targets: an absence says nothing while what would show it does not answer."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from alerts.promql.labels import Labels
from alerts.promql.parser.syntax import Expr, Selector, selectors
from alerts.rule import Rule
from server.evaluator.pool import ScrapePool, ScrapeState

_OF_SCRAPES = ("up", "scrape_")
"""Names, or their beginnings, of series that say how a scrape went: they are there although the target is not."""
Unseen = Callable[[tuple[Selector, ...], Labels, int], str]
"""Why an absence at a time in ms says nothing of an alert with these labels, by what its rule reads; else empty."""


def raw_selectors(expr: Expr, recorded: Mapping[str, Rule]) -> tuple[Selector, ...]:
    """What a rule reads of its targets in the end, through the recording rules on the way; nothing about scrapes."""
    return tuple(dict.fromkeys(_raw(expr, recorded)))


def _raw(expr: Expr, recorded: Mapping[str, Rule]) -> Iterator[Selector]:
    for selector in selectors(expr):
        rule = recorded.get(selector.name)
        if rule is not None:
            others = {name: other for name, other in recorded.items() if name != selector.name}
            # A recording's own labels stand in none of its targets' series; what its reader asks for beyond them does.
            for raw in _raw(rule.expr, others):
                own = tuple(
                    m for m in selector.matchers if m.name != "__name__" and m.name not in rule.labels
                )
                yield Selector(raw.name, (*raw.matchers, *own))
        elif selector.name != _OF_SCRAPES[0] and not selector.name.startswith(_OF_SCRAPES[1]):
            yield Selector(selector.name, selector.matchers)


class Coverage:
    """Knows how every target stands."""

    def __init__(self, pool: ScrapePool, interval_ms: int) -> None:
        self._pool = pool
        self._interval_ms = interval_ms

    def unseen(self, read: tuple[Selector, ...], labels: Labels, at_ms: int) -> str:
        """The first target that the alert may be about and that cannot have shown its end yet, with the reason.

        One that has come back counts when it has been scraped twice, since a rate takes two samples.
        """
        own = dict(labels)
        for state in self._pool.states:
            if _may_be_about(state.target.all_labels, own, read):
                reason = self._reason(state, at_ms)
                if reason:
                    return f"{state.target.job} at {state.target.instance} {reason}"
        return ""

    def _reason(self, state: ScrapeState, at_ms: int) -> str:
        if state.health == "down":
            # Without the error: it may read differently at every scrape, and each reason is a journal entry elsewhere.
            return "does not answer"
        if state.was_down and at_ms - state.up_since_ms < 2 * state.target.interval_ms + self._interval_ms:
            return "has only just come back"
        return ""


def _may_be_about(target: Mapping[str, str], alert: Mapping[str, str], read: Iterable[Selector]) -> bool:
    """Whether no label of the target contradicts the alert's, and some selector takes its series."""
    if any(alert.get(name, value) != value for name, value in target.items()):
        return False
    return any(
        all(matcher.accepts(target[matcher.name]) for matcher in selector.matchers if matcher.name in target)
        for selector in read
    )
