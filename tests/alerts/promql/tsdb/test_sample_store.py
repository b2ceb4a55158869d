"""Facts about the store: what a search keeps while series come and go."""

import pytest

from alerts.matcher import Matcher
from alerts.promql import SampleStore
from alerts.promql.labels import NAME
from alerts.promql.tsdb.sample_store import Series


class _Interrupted(SampleStore):
    """A store that gets a series, or loses one, between a search and its end, as another thread would do it."""

    def __init__(self) -> None:
        super().__init__()
        self.cuts = False
        self.interrupts = True

    def _find(self, matchers: tuple[Matcher, ...], *, v3: bool) -> list[Series]:
        found = super()._find(matchers, v3=v3)
        if self.interrupts:
            self.interrupts = False
            self.append({NAME: "x", "n": "late"}, 5_000, 1.0)
            if self.cuts:
                self.cut(2_000)
        return found


@pytest.mark.parametrize("cuts", [False, True])
def test_a_search_never_leaves_behind_what_is_no_longer_so(cuts: bool) -> None:
    store, matchers = _Interrupted(), [Matcher(name=NAME, value="x", is_regex=False, is_equal=True)]
    store.cuts = cuts
    store.append({NAME: "x", "n": "early"}, 1_000, 1.0)
    store.select(matchers)
    found = [dict(series.labels)["n"] for series in store.select(matchers)]
    assert found == (["late"] if cuts else ["early", "late"])
