"""Idempotency-Key: the same key and body get the stored answer, the same key with another body is refused."""

import asyncio
from collections.abc import Awaitable, Callable

from server.ops.access import Caller
from server.ops.events import RequestAnswered
from server.ops.ledger import Ledger
from server.ops.state import Receipt


class KeyReused(Exception):
    """The key was used for something else."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Idempotency-Key {key} was used with another request; take a new one")


class Receipts:
    """Answers by user and key, in the journal for a day."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._busy: dict[str, asyncio.Lock] = {}

    async def once(
        self,
        caller: Caller,
        key: str,
        request_sha256: str,
        answer: Callable[[], Awaitable[tuple[int, str]]],
        keeps_answer: bool,
    ) -> Receipt:
        """The stored answer, or the one that is made now; a second call waits for the first. Raises ``KeyReused``."""
        name = f"{caller.name} {key[:200]}"
        lock = self._busy.setdefault(name, asyncio.Lock())
        async with lock:
            try:
                return await self._once(name, caller, key[:200], request_sha256, answer, keeps_answer)
            finally:
                if not lock._waiters:
                    self._busy.pop(name, None)

    async def _once(
        self,
        name: str,
        caller: Caller,
        key: str,
        request_sha256: str,
        answer: Callable[[], Awaitable[tuple[int, str]]],
        keeps_answer: bool,
    ) -> Receipt:
        known = self._ledger.state.receipts.get(name)
        if known is not None:
            if known.request_sha256 != request_sha256:
                raise KeyReused(key)
            return known
        status, text = await answer()
        event = RequestAnswered(
            user=caller.name,
            key=key,
            request_sha256=request_sha256,
            status=status,
            answer=text
            if keeps_answer
            else '{"note": "done before; the answer held a secret and was not kept"}',
        )
        await self._ledger.decide(lambda tx: tx.record(event, caller.actor, caller.name))
        return Receipt(request_sha256=request_sha256, status=status, answer=text, at=self._ledger.clock())
