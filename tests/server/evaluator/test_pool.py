"""Facts about when a target counts as down."""

from alerts.promql.tsdb.sample_store import SampleStore
from server.evaluator.pool import ScrapePool, ScrapeState
from server.evaluator.scrape import ScrapeError
from server.evaluator.target import ScrapeTarget, target_of_url
from server.exposition import Exposition, parse_exposition
from tests.server.evaluator.fake_clock import FakeClock

_INTERVAL_MS = 5_000


class Answers:
    """A target that answers, or does not."""

    def __init__(self) -> None:
        self.listens = False

    async def __call__(self, target: ScrapeTarget) -> Exposition:
        if not self.listens:
            raise ScrapeError("connection refused")
        return parse_exposition("made 1\n")


class Scraped:
    """One target in a pool of its own."""

    def __init__(self) -> None:
        self.clock = FakeClock(1_000_000)
        self.answers = Answers()
        self.store = SampleStore()
        self.pool = ScrapePool(self.store, self.clock)
        url = "http://127.0.0.1:1/metrics"
        target = target_of_url("ops", url, interval_ms=_INTERVAL_MS, timeout_ms=1_000)
        self.pool.add(target, self.answers)

    @property
    def state(self) -> ScrapeState:
        return self.pool.states[0]

    async def scrape(self, *, after_ms: int = 0) -> None:
        self.clock.move_to(self.clock.now_ms() + after_ms)
        await self.pool.scrape(self.state)

    @property
    def up(self) -> list[float]:
        """The samples of ``up``."""
        found = [one for one in self.store if dict(one.labels)["__name__"] == "up"]
        return [value for one in found for value in one.samples.between(0, self.clock.now_ms())[1].tolist()]


async def test_what_starts_together_with_the_evaluator_was_never_down() -> None:
    scraped = Scraped()
    await scraped.scrape()
    assert (scraped.state.health, scraped.state.last_error) == ("unknown", "connection refused")
    scraped.answers.listens = True
    await scraped.scrape(after_ms=_INTERVAL_MS - 1_000)
    assert (scraped.state.health, scraped.state.last_error, scraped.up) == ("up", "", [1.0])
    assert scraped.state.was_down is False


async def test_what_is_not_there_is_down_after_an_interval() -> None:
    scraped = Scraped()
    await scraped.scrape()
    await scraped.scrape(after_ms=1_000)
    assert scraped.up == []
    await scraped.scrape(after_ms=_INTERVAL_MS - 1_000)
    assert (scraped.state.health, scraped.state.failures, scraped.up) == ("down", 1, [0.0])


async def test_what_has_answered_is_down_at_its_first_silence() -> None:
    scraped = Scraped()
    scraped.answers.listens = True
    await scraped.scrape()
    scraped.answers.listens = False
    await scraped.scrape(after_ms=1_000)
    assert (scraped.state.health, scraped.up) == ("down", [1.0, 0.0])
