"""Small posts that share a decision: who goes away takes nothing out of it, and its failure is everybody's."""

import asyncio
from collections.abc import Callable

import pytest

from server.ops.alerting.posted import OddItem
from server.ops.alerting.shared_decision import MOST, Items, Said, SharedDecisions
from server.ops.state.ledger import DAEMON, Ledger, Transaction
from server.store.journal import JournalUnavailableError
from tests.server.ops.conftest import Clock
from tests.server.ops.state.test_ledger import TroubledArchive, archive, note

_FIXTURES = (archive,)
SAID = Said(DAEMON, "prometheus", by_status=False)


def named(name: str) -> Items:
    return [OddItem(name.encode())]


class Taking:
    """Notes what each decision takes, and journals an event for it."""

    def __init__(self) -> None:
        self.decisions: list[list[str]] = []

    def __call__(self, items: Items, said: Said) -> Callable[[Transaction], bool]:
        def decide(tx: Transaction) -> bool:
            self.decisions.append([item.whole.decode() for item in items if isinstance(item, OddItem)])
            note(f"{len(self.decisions)}")(tx)
            return False

        return decide


async def test_what_comes_together_is_one_decision_and_no_more_than_a_few_are(
    archive: TroubledArchive, clock: Clock
) -> None:
    taking = Taking()
    async with Ledger(archive, clock).running() as ledger:
        shared = SharedDecisions(ledger, taking)
        names = [f"alert {n}" for n in range(3 * MOST)]
        await asyncio.gather(*(shared.take(named(name), 10, SAID) for name in names))
    assert [name for taken in taking.decisions for name in taken] == names
    assert len(taking.decisions) == 3


async def test_whoever_goes_away_takes_nothing_out_of_it(archive: TroubledArchive, clock: Clock) -> None:
    taking = Taking()
    async with Ledger(archive, clock).running() as ledger:
        shared = SharedDecisions(ledger, taking)
        posts = [asyncio.create_task(shared.take(named(name), 10, SAID)) for name in ("first", "second")]
        await asyncio.sleep(0)
        posts[0].cancel()
        done = await asyncio.gather(*posts, return_exceptions=True)
    assert [type(one) for one in done] == [asyncio.CancelledError, type(None)]
    assert taking.decisions == [["first", "second"]]


async def test_other_senders_have_decisions_of_their_own(archive: TroubledArchive, clock: Clock) -> None:
    taking = Taking()
    async with Ledger(archive, clock).running() as ledger:
        shared = SharedDecisions(ledger, taking)
        other = SAID._replace(source="alertmanager")
        await asyncio.gather(shared.take(named("a"), 10, SAID), shared.take(named("b"), 10, other))
    assert taking.decisions == [["a"], ["b"]]


async def test_a_journal_that_fails_is_raised_to_each_and_the_next_are_taken(
    archive: TroubledArchive, clock: Clock
) -> None:
    taking = Taking()
    async with Ledger(archive, clock).running() as ledger:
        shared = SharedDecisions(ledger, taking)
        archive.trouble = [JournalUnavailableError("disk I/O error")]
        done = await asyncio.gather(
            *(shared.take(named(name), 10, SAID) for name in ("a", "b")), return_exceptions=True
        )
        assert [type(one) for one in done] == [JournalUnavailableError] * 2
        await shared.take(named("c"), 10, SAID)
        assert ledger.head.seq == 1


async def test_the_end_of_the_daemon_leaves_nobody_waiting(archive: TroubledArchive, clock: Clock) -> None:
    async with Ledger(archive, clock).running() as ledger:
        shared = SharedDecisions(ledger, Taking())
        waiting = asyncio.create_task(shared.take(named("a"), 10, SAID))
        await asyncio.sleep(0)
        (task,) = [one for one in asyncio.all_tasks() if one.get_name() == "alerts"]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
