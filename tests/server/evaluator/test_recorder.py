"""Facts about scrapes in the store: labels, limits, staleness, and the series about the scrape."""

import pytest

from alerts.promql import SampleStore
from server.evaluator.recorder import SampleLimitError, ScrapeRecorder
from server.evaluator.target import Limits, ScrapeTarget
from server.exposition import ExpositionError, parse_exposition
from tests.alerts.promql.notation import at


def _target(*, honor: bool = False, limits: Limits | None = None) -> ScrapeTarget:
    return ScrapeTarget(
        "api", "http://a/metrics", "a:1", 5000, 5000, {"zone": "z"}, "", honor, limits=limits or Limits()
    )


class _Scrapes:
    """A target scraped every ten seconds from 0 on."""

    def __init__(self, target: ScrapeTarget | None = None, *, max_series: int = 1000) -> None:
        self.store = SampleStore(max_series=max_series)
        self.recorder = ScrapeRecorder(target or _target(), self.store)
        self._now_ms = -10_000

    def get(self, text: str | None) -> None:
        """One scrape; None for one that fails."""
        self._now_ms += 10_000
        if text is None:
            self.recorder.failure(self._now_ms, 0.5)
        else:
            self.recorder.success(parse_exposition(text), self._now_ms, 0.25)

    def query(self, expr: str) -> dict[str, str]:
        return at(self.store, expr, self._now_ms / 1000)


def test_a_target_gives_its_labels_to_every_series() -> None:
    scrapes = _Scrapes()
    scrapes.get('x{a="b"} 1\n')
    assert scrapes.query("x") == {"x{a=b,instance=a:1,job=api,zone=z}": "1"}


def test_labels_that_a_target_exposes_itself_are_moved_aside() -> None:
    scrapes = _Scrapes()
    scrapes.get('x{job="mine"} 1\n')
    assert scrapes.query("x") == {"x{exported_job=mine,instance=a:1,job=api,zone=z}": "1"}


def test_labels_that_are_honoured_win() -> None:
    scrapes = _Scrapes(_target(honor=True))
    scrapes.get('x{job="mine",zone=""} 1\n')
    assert scrapes.query("x") == {"x{instance=a:1,job=mine}": "1"}


def test_a_scrape_is_described() -> None:
    scrapes = _Scrapes()
    scrapes.get("x 1\ny 1\n")
    names = ["up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_series_added"]
    assert [list(scrapes.query(name).values()) for name in names] == [["1"], ["0.25"], ["2"], ["2"]]
    scrapes.get("x 1\ny 1\n")
    assert list(scrapes.query("scrape_series_added").values()) == ["0"]


def test_a_failed_scrape_makes_everything_stale_but_says_so() -> None:
    scrapes = _Scrapes()
    scrapes.get("x 1\n")
    scrapes.get(None)
    assert scrapes.query("x") == {}
    assert list(scrapes.query("up").values()) == ["0"]


def test_a_series_that_vanishes_is_stale_at_once_and_can_come_back() -> None:
    scrapes = _Scrapes()
    scrapes.get("x 1\ny 1\n")
    scrapes.get("y 2\n")
    assert (scrapes.query("x"), list(scrapes.query("y").values())) == ({}, ["2"])
    scrapes.get("x 3\ny 2\n")
    assert list(scrapes.query("x").values()) == ["3"]


def test_a_series_with_times_of_its_own_is_never_marked() -> None:
    scrapes = _Scrapes()
    scrapes.get("x 1 0\n")
    scrapes.get("y 1\n")
    assert list(scrapes.query("x").values()) == ["1"]


def test_a_sample_from_the_past_is_counted_and_left_out() -> None:
    scrapes = _Scrapes()
    scrapes.get("x 1 5000\n")
    scrapes.get("x 2 4000\n")
    assert (scrapes.recorder.out_of_order, list(scrapes.query("x").values())) == (1, ["1"])


@pytest.mark.parametrize(
    ("limits", "text", "reason"),
    [
        (Limits(samples=1), "x 1\ny 1\n", "sample_limit"),
        (Limits(labels=4), 'x{a="1",b="2"} 1\n', "label_limit"),
        (Limits(label_value_length=5), 'x{a="123456"} 1\n', "label length"),
        (Limits(label_name_length=8), 'x{abcdefghi="1"} 1\n', "label length"),
    ],
)
def test_a_scrape_beyond_a_limit_leaves_nothing_behind(limits: Limits, text: str, reason: str) -> None:
    scrapes = _Scrapes(_target(limits=limits))
    with pytest.raises(SampleLimitError, match=reason):
        scrapes.get("ok 1\n" + text if "sample" not in reason else text)
    assert len(scrapes.store) == 0


def test_the_evaluator_keeps_only_so_many_series() -> None:
    scrapes = _Scrapes(max_series=3)
    with pytest.raises(SampleLimitError, match="keeps 3 series"):
        scrapes.get("a 1\nb 1\nc 1\nd 1\n")
    assert len(scrapes.store) == 0


def test_a_target_that_spells_its_series_anew_each_time_fills_no_memory() -> None:
    scrapes = _Scrapes()
    for number in range(3_000):
        scrapes.get(
            f'x{{a="b"}}{" " * (number % 7)}{number}\n'.replace("{a", "{" + " " * (number % 5_000) + "a")
        )
    assert (len(scrapes.store), scrapes.recorder.remembered <= 1_010) == (6, True)


def test_bad_labels_leave_nothing_behind() -> None:
    scrapes = _Scrapes()
    with pytest.raises(ExpositionError):
        scrapes.get('a 1\nx{a="1",a="2"} 1\n')
    assert len(scrapes.store) == 0


def test_a_series_that_was_forgotten_can_come_back() -> None:
    scrapes = _Scrapes()
    scrapes.get("x 1\n")
    scrapes.get("y 1\n")
    scrapes.recorder.forget(scrapes.store.cut(15_000))
    scrapes.get("x 5\n")
    assert list(scrapes.query("x").values()) == ["5"]
