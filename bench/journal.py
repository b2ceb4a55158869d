"""The journal at a million events: how long a start takes, and how many decisions a second are made durable."""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.alert import read_posted
from alerts.wire import PostableAlert
from server.ops.alerting.intake import take_alert
from server.ops.state.events import Event, ReadOnlySet
from server.ops.state.ledger import DAEMON, SNAPSHOT_EVERY, Ledger, Transaction
from server.ops.state.snapshot import Capturing, pieces
from server.ops.state.state import STATE_FORMAT, State
from server.store.archive import Archive
from server.store.chain import Head, JournalEntry

BAR_S = 2.0
RESULTS = Path(__file__).parent.parent / "PERFORMANCE_TEST_RESULTS.md"
_BEGIN_MARK, _END_MARK = "<!-- journal:begin -->", "<!-- journal:end -->"
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH = 5_000
_ALERTS = 400


def grow(folder: Path, events: int) -> int:
    """Fills a journal as a busy year would: alerts that fire and resolve, incidents that open, settle and reopen."""
    archive = Archive(folder, STATE_FORMAT)
    archive.open(_BEGIN)
    state, head, now, n = State(), Head(), _BEGIN, 0
    pending: list[JournalEntry] = []
    since_snapshot = 0
    while head.seq < events:
        now += timedelta(seconds=7)
        transaction = Transaction(state, head, now)
        labels = {"alertname": f"Alert{n % _ALERTS}", "service": f"service{n % 7}", "severity": "critical"}
        ends = now if (n // _ALERTS) % 2 else None
        said = read_posted(PostableAlert(labels=labels, endsAt=ends, startsAt=now), now, "bench")
        take_alert(transaction, said, DAEMON)
        state.undo.take()
        if n % 1_000 == 0:
            state.prune(now)
        n += 1
        head = transaction.head
        pending += [entry for entry, _ in transaction.recorded]
        if len(pending) >= _BATCH:
            archive.append(pending)
            since_snapshot += len(pending)
            pending.clear()
            if since_snapshot >= SNAPSHOT_EVERY:
                save(archive, state, head)
                since_snapshot = 0
    if pending:
        archive.append(pending)
    archive.close()
    return head.seq


def save(archive: Archive, state: State, head: Head) -> None:
    """A snapshot, as the ledger makes it."""
    capturing = Capturing(state, head)
    for _ in capturing.steps():
        pass
    archive.save_snapshot(head, pieces(capturing.captured))


_START = """
import asyncio, sys, time
begun = time.perf_counter()
from pathlib import Path
from server.ops.state.ledger import Ledger
from server.ops.state.state import STATE_FORMAT
from server.ops.app import utc_now
from server.store.archive import Archive
async def main():
    loaded = time.perf_counter()
    async with Ledger(Archive(Path(sys.argv[1]), STATE_FORMAT), utc_now).running() as ledger:
        print(time.perf_counter() - loaded, time.perf_counter() - begun, ledger.head.seq, flush=True)
        import os
        os._exit(0)
asyncio.run(main())
"""


def start_ups(folder: Path, times: int) -> Iterator[tuple[float, float]]:
    """Seconds to open and fold the journal, and the same with the imports of a fresh process; killed, not closed."""
    for _ in range(times):
        out = subprocess.run(
            [sys.executable, "-c", _START, str(folder)], check=True, capture_output=True, text=True
        ).stdout.split()
        yield float(out[0]), float(out[1])


async def durable_decisions(folder: Path, at_once: int, total: int) -> float:
    """Decisions a second that have reached the disk, with so many callers waiting at a time."""
    async with Ledger(Archive(folder, STATE_FORMAT), lambda: datetime.now(UTC)).running() as ledger:
        event: Event = ReadOnlySet(reason="bench")

        async def caller(count: int) -> None:
            for _ in range(count):
                await ledger.decide(lambda tx: tx.record(event, DAEMON, "ops"))

        begun = time.perf_counter()
        await asyncio.gather(*(caller(total // at_once) for _ in range(at_once)))
        return total / (time.perf_counter() - begun)


def measure(events: int, starts: int) -> tuple[list[str], bool]:
    """The figures as lines, and whether every start stayed below the bar."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "ops"
        count = grow(folder, events)
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        opened, whole = zip(*start_ups(folder, starts), strict=True)
        begun = time.perf_counter()
        _, walked, broken = Archive(folder, STATE_FORMAT).verify()
        verified_s = time.perf_counter() - begun
        lines = [
            f"journal of {count:,} events, {size:.0f} MB",
            f"start-up {statistics.median(opened):.2f} s ({min(opened):.2f}–{max(opened):.2f}), bar {BAR_S} s; "
            f"with a fresh process's imports {statistics.median(whole):.2f} s ({min(whole):.2f}–{max(whole):.2f})",
            f"audit verify: {walked:,} events in {verified_s:.1f} s, first bad row: {broken}",
        ]
        for at_once in (1, 16, 256):
            rate = asyncio.run(durable_decisions(Path(temporary) / f"d{at_once}", at_once, 256 * 12))
            lines.append(f"durable decisions with {at_once} callers at a time: {rate:,.0f}/s")
    return lines, max(opened) <= BAR_S


def write(lines: list[str]) -> None:
    """Puts the figures into PERFORMANCE_TEST_RESULTS.md, in a section of their own."""
    about = f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC by `python -m bench.journal --write`."
    section = "\n".join(
        [_BEGIN_MARK, "## Journal", "", about, "", *(f"- {line}" for line in lines), _END_MARK]
    )
    text = RESULTS.read_text() if RESULTS.exists() else "# Performance test results\n"
    before, _, rest = text.partition(_BEGIN_MARK)
    after = rest.partition(_END_MARK)[2]
    RESULTS.write_text(
        f"{before.rstrip()}\n\n{section}\n{after.lstrip()}"
        if after.strip()
        else f"{before.rstrip()}\n\n{section}\n"
    )


def main() -> int:
    """Prints the figures; fails where a start takes longer than the bar."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--starts", type=int, default=5)
    options.add_argument("--write", action="store_true", help=f"into {RESULTS.name}")
    given = options.parse_args()
    lines, met = measure(given.events, given.starts)
    print("\n".join(lines))
    if given.write:
        write(lines)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
