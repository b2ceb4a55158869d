"""Sends what was decided, at least once: channel after channel, each in a process that can be ended."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from alerts.contacts import Channel
from alerts.notification import Notification, PageTried
from alerts.visible_text import visible_text
from server.ops.alerting.foreign_alert import clean_text
from server.ops.paging.answer_link import LinkOf
from server.ops.paging.escalations import is_still_wanted, pass_on
from server.ops.paging.message import PageText, bare_text, digest_of, message_of, worst_first
from server.ops.paging.on_call import channels_of
from server.ops.state.ledger import DAEMON, JOURNAL_ERRORS, Ledger, Transaction
from server.store.anchor import spelled

SEND_TIMEOUT = timedelta(seconds=15)
GIVES_UP_AFTER = timedelta(minutes=15)
"""How long what is no call for help, a recovery or a notice, is tried again where no channel takes it."""
_TRIES = 2
_PAUSE_S = 2.0
"""Between two tries of one channel."""
_HUNG_FOR_S = 120.0
"""How long a channel that gave no answer stands behind a person's others."""
_BACK_OFF_S = 30.0
_MOST_AT_ONCE = 8
_MOST_IN_DIGEST = 100
_LONGEST_WHY = 300
_LONGEST_ATTACHED = 100_000
_CAP_SPAN_S = 3_600.0
_GATHERED_FOR_S = 60.0
"""How long what comes for somebody who had enough is gathered: no page is later than that for it."""
_MOST_REMEMBERED = 1_000
_log = logging.getLogger("paging")
Redact = Callable[[str], str]


class _Attempt(NamedTuple):
    """What came of handing a person's pages to one channel."""

    person: str
    pages: Sequence[Notification]
    channel: str
    why: str
    """Empty where the channel took them."""
    last: bool = False
    dropped: bool = False


class PageOutbox:
    """One sender for each person: whoever hangs holds up nobody else, and what comes meanwhile is one message."""

    def __init__(
        self,
        ledger: Ledger,
        redact: Redact,
        env: Mapping[str, str],
        timeout: timedelta = SEND_TIMEOUT,
        link_of: LinkOf | None = None,
        folder: Path | None = None,
    ) -> None:
        """``folder`` is where texts lie that go along with a page."""
        self._ledger = ledger
        self._redact = redact
        self._env = dict(env)
        self._link_of = link_of
        self._folder = folder
        self._timeout_s = timeout.total_seconds()
        self._late: dict[str, list[_Attempt]] = {}
        """By person, what was tried and could not be journalled: it is not sent again for that."""
        self._not_before: dict[tuple[str, int], float] = {}
        """By person and page, when it is tried again, by the loop's clock."""
        self._sent: dict[str, deque[float]] = {}
        """By person, when channels took a message within the last hour, by the loop's clock."""
        self._hung_at: dict[tuple[str, str], float] = {}
        """By person and channel, when it gave no answer, by the loop's clock."""
        self._senders: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(_MOST_AT_ONCE)

    async def look(self) -> None:
        """Starts a sender for everybody who waits for a page and has none at work."""
        for person in {name for page in self._ledger.state.waiting_pages for name in page.waiting}:
            if person not in self._senders and (self._late.get(person) or self._ready(person)):
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
        try:
            await self._journal_late(person)
            while pages := self._ready(person):
                await self._send_some(person, pages)
            self._ledger.item_faults.well("paging", f"pages to {person}")
        except JOURNAL_ERRORS:
            # The next turn tries again to journal what was sent meanwhile, and sends nothing twice for that.
            return
        except Exception as error:  # noqa: BLE001 - a sender that dies must be seen, and the next turn starts another
            _log.exception("pages to %s", person)
            self._ledger.item_faults.note("paging", f"pages to {person}", error)

    def _ready(self, person: str) -> list[Notification]:
        now = asyncio.get_running_loop().time()
        if self._is_capped(person, now):
            return []
        return [
            page
            for page in self._ledger.state.waiting_pages
            if person in page.waiting and self._not_before.get((person, page.id), 0.0) <= now
        ]

    def _is_capped(self, person: str, now: float) -> bool:
        """Whether a person has had enough for this minute: who gets too much reads none of it."""
        sent = self._sent.get(person)
        known = self._ledger.state.contacts.people.get(person)
        if sent is None or known is None:
            return False
        while sent and now - sent[0] >= _CAP_SPAN_S:
            sent.popleft()
        return len(sent) >= known.cap and now - sent[-1] < _GATHERED_FOR_S

    async def _send_some(self, person: str, pages: Sequence[Notification]) -> None:
        """Pages and recoveries apart: one message never says of one thing that it burns and of another that it does not."""
        incidents = self._ledger.state.incidents
        stale = [
            page
            for page in pages
            if not is_still_wanted(page, incidents.get(page.incident_id) if page.incident_id else None)
        ]
        if stale:
            why = "somebody has it by now, or it is over"
            await self._note(_Attempt(person, stale, "none", why, last=True, dropped=True))
            return
        calls = [page for page in pages if page.kind not in ("recovery", "announcement")]
        recoveries = [page for page in pages if page.kind == "recovery"]
        # What is announced is a message of its own: its words are those of the public page and no others.
        await self._send_pages(person, (calls or recoveries)[:_MOST_IN_DIGEST] or pages[:1])

    async def _send_pages(self, person: str, pages: Sequence[Notification]) -> None:
        channels = self._in_order(person)
        if not channels:
            # A call goes on to others then; what only tells of something has nobody to be told to, now or later.
            is_call = any(page.kind == "page" for page in pages)
            why = "is not among the contacts any more"
            await self._note(_Attempt(person, pages, "none", why, last=True, dropped=not is_call))
            return
        for n, channel in enumerate(channels):
            for attempt in range(_TRIES):
                if attempt:
                    await asyncio.sleep(_PAUSE_S)
                why = await self._try_all(channel, await self._texts(person, pages))
                is_hung = why == self._no_answer
                is_last = n == len(channels) - 1 and (attempt == _TRIES - 1 or is_hung)
                if not why:
                    sent = self._sent.setdefault(person, deque(maxlen=_MOST_REMEMBERED))
                    sent.append(asyncio.get_running_loop().time())
                await self._note(_Attempt(person, pages, channel.label, why, last=is_last))
                if not why:
                    return
                if is_hung:
                    # Another fifteen seconds of it would be the next channel's.
                    self._hung_at[person, channel.label] = asyncio.get_running_loop().time()
                    break

    def _in_order(self, person: str) -> list[Channel]:
        """A person's channels as the contacts have them, those that hung a moment ago behind the others."""
        now = asyncio.get_running_loop().time()
        self._hung_at = {key: at for key, at in self._hung_at.items() if now - at < _HUNG_FOR_S}
        channels = channels_of(self._ledger.state.contacts, person)
        return sorted(channels, key=lambda channel: (person, channel.label) in self._hung_at)

    @property
    def _no_answer(self) -> str:
        return f"no answer within {self._timeout_s:g} s"

    async def _texts(self, person: str, pages: Sequence[Notification]) -> list[PageText]:
        """What each page says, the worst first; the loop gets its turn between any two of them."""
        ledger = self._ledger
        proof, now = spelled(ledger.kept_head, 16), ledger.clock()
        texts = []
        for page in pages:
            try:
                link = self._link_of(page, person) if self._link_of is not None else ""
                contacts = ledger.state.contacts
                text = message_of(ledger.state, page, person, contacts, proof, now, link)
                text = self._with_attached(text, page)
            except Exception as error:  # noqa: BLE001 - one odd page must not keep a person's others back
                ledger.item_faults.note("paging", f"page {page.id}", error)
                text = bare_text(page, person, ledger.state.contacts, proof, now)
            texts.append(self._cleaned(text))
            await asyncio.sleep(0)
        return worst_first(texts)

    def _with_attached(self, text: PageText, page: Notification) -> PageText:
        """What goes along follows the message; where it cannot be read the message goes alone."""
        if not page.attached or self._folder is None:
            return text
        try:
            attached = (self._folder / page.attached).read_text()[:_LONGEST_ATTACHED]
        except (OSError, UnicodeDecodeError) as error:
            self._ledger.item_faults.note("paging", f"what goes along with page {page.id}", error)
            return text
        return msgspec.structs.replace(text, body=f"{text.body}\n\n{attached}")

    def _cleaned(self, text: PageText) -> PageText:
        return msgspec.structs.replace(
            text,
            line=self._cleaned_lines(text.line),
            subject=clean_text(text.subject, self._redact),
            body=self._cleaned_lines(text.body),
        )

    def _cleaned_lines(self, text: str) -> str:
        """Lines, each clean by itself; one look at all of them shows that most hide nothing."""
        if self._redact(text) == text:
            return visible_text(text)
        return "\n".join(clean_text(line, self._redact) for line in text.split("\n"))

    async def _note(self, attempt: _Attempt) -> None:
        """Journals the attempt; raises the errors of the journal, and it is then journalled later."""
        self._late.setdefault(attempt.person, []).append(attempt)
        await self._journal_late(attempt.person)

    async def _journal_late(self, person: str) -> None:
        while late := self._late.get(person):
            attempt = late[0]
            await self._ledger.decide(lambda tx, attempt=attempt: self._record(tx, attempt))  # type: ignore[misc]
            del late[0]
        self._late.pop(person, None)

    def _record(self, tx: Transaction, attempt: _Attempt) -> None:
        """Where nobody of a page can be reached any more, whoever else is at its level, or the next one, is called."""
        why = self._redact(attempt.why)[:_LONGEST_WHY]
        for page in attempt.pages:
            known = tx.state.pages.get(page.id)
            if known is None or attempt.person not in known.waiting:
                continue
            last = attempt.last and bool(why)
            if (
                last
                and known.kind != "page"
                and not known.falls_to
                and tx.now - known.decided_at < GIVES_UP_AFTER
            ):
                last = False
                again = asyncio.get_running_loop().time() + _BACK_OFF_S
                self._not_before[attempt.person, page.id] = again
            tried = PageTried(
                id=page.id,
                person=attempt.person,
                channel=attempt.channel,
                ok=not why,
                why=why,
                last=last,
                dropped=attempt.dropped,
            )
            acted_on = str(page.incident_id) if page.incident_id is not None else f"page-{page.id}"
            tx.record(tried, DAEMON, acted_on)
            now = tx.state.pages[page.id]
            if attempt.person not in now.waiting:
                self._not_before.pop((attempt.person, page.id), None)
            if now.failed:
                pass_on(tx, now)

    async def _try_all(self, channel: Channel, texts: Sequence[PageText]) -> str:
        """What was wrong, empty where the channel took everything; PagerDuty keeps a thing for each incident."""
        if channel.kind != "pagerduty":
            return await self._try(channel, digest_of(texts))
        for text in texts:
            why = await self._try(channel, text)
            if why:
                return why
        return ""

    async def _try(self, channel: Channel, message: PageText) -> str:
        """What was wrong, empty where the channel took it."""
        given = msgspec.json.encode({"channel": channel, "message": message})
        async with self._slots:
            try:
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
            except OSError as error:
                return f"no process could be started: {error.strerror}"
            try:
                async with asyncio.timeout(self._timeout_s):
                    _, said = await process.communicate(given)
            except TimeoutError:
                return self._no_answer
            finally:
                # Whatever it started is ended with it: the group is its own.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process.returncode == 0:
            return ""
        lines = said.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"the sender ended with {process.returncode}"
