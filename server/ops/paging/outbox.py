"""Sends what was decided, at least once: channel after channel, each in a process that can be ended."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta

import msgspec

from alerts.contacts import Channel
from alerts.notification import Notification, PageTried
from server.ops.paging.escalations import pass_on
from server.ops.paging.message import PageText, digest_of, message_of
from server.ops.paging.on_call import channels_of
from server.ops.state.ledger import DAEMON, JOURNAL_ERRORS, Ledger, Transaction
from server.store.anchor import spelled

SEND_TIMEOUT = timedelta(seconds=15)
_TRIES = 2
_PAUSE_S = 2.0
"""Between two tries of one channel."""
_MOST_AT_ONCE = 8
_LONGEST_WHY = 300
Redact = Callable[[str], str]


class PageOutbox:
    """One sender for each person: whoever hangs holds up nobody else, and what comes meanwhile is one message."""

    def __init__(
        self,
        ledger: Ledger,
        redact: Redact,
        env: Mapping[str, str],
        timeout: timedelta = SEND_TIMEOUT,
    ) -> None:
        self._ledger = ledger
        self._redact = redact
        self._env = dict(env)
        self._timeout_s = timeout.total_seconds()
        self._senders: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(_MOST_AT_ONCE)

    async def look(self) -> None:
        """Starts a sender for everybody who waits for a page and has none at work."""
        for person in {name for page in self._ledger.state.waiting_pages for name in page.waiting}:
            if person not in self._senders:
                task = asyncio.create_task(self._send_to(person), name=f"page {person}")
                self._senders[person] = task
                task.add_done_callback(lambda _, person=person: self._senders.pop(person, None))  # type: ignore[misc]

    async def idle(self) -> None:
        """Waits until nobody is being sent to."""
        while self._senders:
            await asyncio.wait(set(self._senders.values()))

    async def close(self) -> None:
        """Ends what is being sent; it is sent again after the next start."""
        tasks = list(self._senders.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _send_to(self, person: str) -> None:
        with contextlib.suppress(*JOURNAL_ERRORS):
            while pages := [page for page in self._ledger.state.waiting_pages if person in page.waiting]:
                await self._send_pages(person, pages)

    async def _send_pages(self, person: str, pages: list[Notification]) -> None:
        channels = channels_of(self._ledger.state.contacts, person)
        if not channels:
            await self._note(person, pages, "none", "is not among the contacts any more", last=True)
            return
        for n, channel in enumerate(channels):
            for attempt in range(_TRIES):
                if attempt:
                    await asyncio.sleep(_PAUSE_S)
                why = await self._try(channel, self._message(person, pages))
                is_last = n == len(channels) - 1 and attempt == _TRIES - 1
                await self._note(person, pages, channel.label, why, last=is_last)
                if not why:
                    return

    def _message(self, person: str, pages: list[Notification]) -> PageText:
        state, now, head = self._ledger.state, self._ledger.clock(), self._ledger.kept_head
        proof = spelled(head, 16)
        contacts = state.contacts
        whole = digest_of([message_of(state, page, person, contacts, proof, now) for page in pages])
        return msgspec.structs.replace(
            whole,
            line=self._redact(whole.line),
            subject=self._redact(whole.subject),
            body=self._redact(whole.body),
        )

    async def _note(
        self, person: str, pages: list[Notification], channel: str, why: str, *, last: bool
    ) -> None:
        """Journals the attempt; where nobody of a page can be reached any more, the next level is called."""
        said = self._redact(why)[:_LONGEST_WHY]

        def decide(tx: Transaction) -> None:
            for page in pages:
                known = tx.state.pages.get(page.id)
                if known is None or person not in known.waiting:
                    continue
                acted_on = str(page.incident_id) if page.incident_id is not None else f"page-{page.id}"
                tried = PageTried(
                    id=page.id, person=person, channel=channel, ok=not why, why=said, last=last and bool(why)
                )
                tx.record(tried, DAEMON, acted_on)
                now = tx.state.pages[page.id]
                if now.failed:
                    pass_on(tx, now)

        await self._ledger.decide(decide)

    async def _try(self, channel: Channel, message: PageText) -> str:
        """What was wrong, empty where the channel took it."""
        given = msgspec.json.encode({"channel": channel, "message": message})
        async with self._slots:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "server.ops.paging.send",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env=self._env,
                start_new_session=True,
            )
            try:
                async with asyncio.timeout(self._timeout_s):
                    _, said = await process.communicate(given)
            except TimeoutError:
                return f"no answer within {self._timeout_s:g} s"
            finally:
                # Whatever it started is ended with it: the group is its own.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process.returncode == 0:
            return ""
        lines = said.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"the sender ended with {process.returncode}"
