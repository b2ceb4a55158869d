"""Idempotency-Key: the same key and body get the stored answer, the same key with another body is refused."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from server.http.call import BadRequestError
from server.ops.event_cleaner import cleaned_json
from server.ops.state.events import RequestAnswered, RequestTaken
from server.ops.state.ledger import Ledger, accompanied_by
from server.ops.state.state import Receipt
from server.ops.users import Caller

_LONGEST_KEY = 200
"""Characters of a key."""


class KeyReusedError(Exception):
    """The key was used for something else."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Idempotency-Key {key} was used with another request; take a new one")


class AnswerLostError(Exception):
    """The request was carried out, but the daemon ended before its answer was kept."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the request with Idempotency-Key {key} was carried out once and is not repeated; its answer was lost: "
            "look at what it was about"
        )


class IdempotentAnswers:
    """Answers by user and key, in the journal for a day."""

    def __init__(self, ledger: Ledger, redacted: Callable[[str], str]) -> None:
        self._ledger = ledger
        self._redacted = redacted
        self._busy: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[Receipt]] = set()

    async def finish(self) -> None:
        """Waits for the answers that are still being made."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def once(
        self,
        caller: Caller,
        key: str,
        request_sha256: str,
        answer: Callable[[], Awaitable[tuple[int, str]]],
        keeps_answer: bool,
    ) -> Receipt:
        """The stored answer, or the one that is made now; a second call waits for the first.

        It is made and kept to its end although the client has gone: the same key must find it. Raises
        ``BadRequestError``, ``KeyReusedError`` and ``AnswerLostError``.
        """
        if len(key) > _LONGEST_KEY or not (key.isascii() and key.isprintable()):
            raise BadRequestError(f"an Idempotency-Key is up to {_LONGEST_KEY} printable ASCII characters")
        if self._redacted(key) != key:
            key = f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"
        task = asyncio.create_task(self._once(caller, key, request_sha256, answer, keeps_answer))
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: "asyncio.Task[Receipt]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()

    async def _once(
        self,
        caller: Caller,
        key: str,
        request_sha256: str,
        answer: Callable[[], Awaitable[tuple[int, str]]],
        keeps_answer: bool,
    ) -> Receipt:
        """That the request was taken is journalled together with what it changes: a crash before the answer is kept
        repeats nothing.
        """
        lock = self._busy.setdefault(f"{caller.name} {key}", asyncio.Lock())
        async with lock:
            known = self._known(caller, key, request_sha256)
            if known is not None:
                return known
            taken = RequestTaken(user=caller.name, key=key, request_sha256=request_sha256)
            with accompanied_by(taken, caller.actor, caller.name):
                status, text = await answer()
            receipt = Receipt(
                request_sha256=request_sha256, status=status, answer=text, at=self._ledger.clock()
            )
            # Without a word that it was taken, nothing was changed: once more does no more, and looking writes nothing.
            if f"{caller.name} {key}" not in self._ledger.state.receipts:
                return receipt
            event = RequestAnswered(
                user=caller.name,
                key=key,
                request_sha256=request_sha256,
                status=status,
                answer=cleaned_json(text, self._redacted)
                if keeps_answer
                else '{"note": "done before; the answer held a secret and was not kept"}',
            )
            await self._ledger.decide(lambda tx: tx.record(event, caller.actor, caller.name))
            return receipt

    def _known(self, caller: Caller, key: str, request_sha256: str) -> Receipt | None:
        known = self._ledger.state.receipts.get(f"{caller.name} {key}")
        if known is None:
            return None
        if known.request_sha256 != request_sha256:
            raise KeyReusedError(key)
        if known.status == 0:
            raise AnswerLostError(key)
        return known
