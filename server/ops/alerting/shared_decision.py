"""Small posts that come at the same time, taken by one decision: what each costs by itself is then paid once."""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from server.ops.alerting.posted import OddItem, RawAlert
from server.ops.state.ledger import Actor, Ledger, Transaction

MOST = 40
"""Alerts that one shared decision takes: a few milliseconds of reading and deciding together."""
MOST_BYTES = 32 * 1024


class Said(NamedTuple):
    """By whom and how alerts were posted; only what is alike in this is taken together."""

    actor: Actor
    source: str
    by_status: bool


Items = Sequence[RawAlert | OddItem]
Begin = Callable[[Items, Said], Callable[[Transaction], bool]]
"""Reads items, and gives the decision that takes some of them and says whether any are left for another one."""


async def decided(ledger: Ledger, decide: Callable[[Transaction], bool], *, accompanied: bool) -> None:
    """Decides until nothing is left; raises the journal's errors."""
    while await ledger.decide(decide, accompanied=accompanied):
        accompanied = False


class _Group:
    """Posts that wait for one decision."""

    def __init__(self) -> None:
        self.items: list[RawAlert | OddItem] = []
        self.size = 0
        self.waiting: list[asyncio.Future[None]] = []
        self.task: asyncio.Task[None] | None = None

    def has_room_for(self, count: int, size: int) -> bool:
        """Whether so many more alerts, of so many bytes, keep the decision short."""
        return len(self.items) + count <= MOST and self.size + size <= MOST_BYTES

    def settle(self, decided: asyncio.Task[None]) -> None:
        """Lets everybody go on who still waits, with what became of the decision."""
        error = None if decided.cancelled() else decided.exception()
        for waiting in self.waiting:
            if waiting.done():
                continue
            if decided.cancelled():
                waiting.cancel()
            elif error is not None:
                waiting.set_exception(error)
            else:
                waiting.set_result(None)


class SharedDecisions:
    """Posts of a few alerts each; every one of them is answered when the journal has its own alerts.

    A post that waits for its turn takes those along that come until then, and each alert stands by itself in the
    decision as in one of its own. Whoever goes away takes nothing out of it.
    """

    def __init__(self, ledger: Ledger, begin: Begin) -> None:
        self._ledger = ledger
        self._begin = begin
        self._open: dict[Said, _Group] = {}

    async def take(self, items: Items, size: int, said: Said) -> None:
        """Has the items, of so many bytes, taken; raises the journal's errors."""
        group = self._open.get(said)
        if group is None or not group.has_room_for(len(items), size):
            group = self._open[said] = _Group()
            group.task = asyncio.create_task(self._decide(group, said), name="alerts")
            group.task.add_done_callback(group.settle)
        group.items += items
        group.size += size
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        group.waiting.append(waiting)
        await waiting

    async def _decide(self, group: _Group, said: Said) -> None:
        begun: Callable[[Transaction], bool] | None = None

        def decide(tx: Transaction) -> bool:
            nonlocal begun
            if begun is None:
                self._close(group, said)
                begun = self._begin(group.items, said)
            return begun(tx)

        try:
            await decided(self._ledger, decide, accompanied=False)
        finally:
            self._close(group, said)

    def _close(self, group: _Group, said: Said) -> None:
        """Nothing more is taken along by it."""
        if self._open.get(said) is group:
            del self._open[said]
