"""What was begun while the journal could not be written: kept beside the state, and journalled as soon as it can be."""

import asyncio

from server.ops.state.ledger import DAEMON, JOURNAL_ERRORS, Actor, Ledger, Transaction
from server.runner.execution import (
    Execution,
    ExecutionCancelled,
    ExecutionEvent,
    ExecutionIntended,
    apply_execution_event,
)

_RETRY_S = 1.0


class LateJournal:
    """Executions that only read and are not in the journal yet, with what is to be journalled of them, in order."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._events: dict[str, list[ExecutionEvent]] = {}

    def begin(self, execution: Execution) -> None:
        """Shows an execution that begins now."""
        self._ledger.state.beside[execution.execution_id] = execution
        self._events[execution.execution_id] = [ExecutionIntended(execution=execution)]

    def take(self, event: ExecutionEvent, execution_id: str, by: str) -> None:
        """Lets an event count before it is journalled."""
        beside = self._ledger.state.beside
        changed = apply_execution_event(beside[execution_id], event, self._ledger.clock(), by)
        if changed is not None:
            beside[execution_id] = changed
            self._events[execution_id].append(event)

    async def catch_up(self, execution: Execution) -> None:
        """Journals all that became of an execution in one decision, however long that takes to be possible."""
        execution_id, person = execution.execution_id, Actor(execution.actor, "token")

        def decide(tx: Transaction) -> None:
            for event in self._events[execution_id]:
                by = person if isinstance(event, ExecutionIntended | ExecutionCancelled) else DAEMON
                tx.record(event, by, execution_id, execution.digest)

        while True:
            try:
                await self._ledger.decide(decide)
            except JOURNAL_ERRORS:
                await asyncio.sleep(_RETRY_S)
            else:
                break
        # Only now: until it is in the journal nobody else knows of it.
        del self._events[execution_id], self._ledger.state.beside[execution_id]
