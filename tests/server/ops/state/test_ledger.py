"""The ledger: nothing is answered before it is on disk, and trouble with the disk loses nothing and hides nothing."""

import asyncio
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from server.ops.state.ballast import Ballast
from server.ops.state.events import ReadOnlySet, RequestTaken, SegmentClosed
from server.ops.state.ledger import DAEMON, Committed, Ledger, Transaction
from server.ops.state.state import STATE_FORMAT
from server.store.archive import Archive
from server.store.chain import Head, JournalEntry
from server.store.journal import JournalCorruptError, JournalFullError, JournalUnavailableError
from tests.server.ops.conftest import Clock, House, Start


class TroubledArchive(Archive):
    """A journal whose disk does what the test says."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, STATE_FORMAT)
        self.batches: list[int] = []
        self.trouble: list[Exception] = []

    def append(self, entries: Sequence[JournalEntry]) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        self.batches.append(len(entries))
        super().append(entries)


@pytest.fixture
def archive(tmp_path: Path) -> TroubledArchive:
    return TroubledArchive(tmp_path)


def note(reason: str) -> "Note":
    return Note(reason)


class Note:
    """A decision that sets the read-only reason."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __call__(self, tx: Transaction) -> int:
        return tx.record(ReadOnlySet(reason=self.reason), DAEMON, "ops").seq


async def test_decisions_that_wait_share_a_commit_and_keep_their_order(
    archive: TroubledArchive, clock: Clock
) -> None:
    async with Ledger(archive, clock).running() as ledger:
        seqs = await asyncio.gather(*(ledger.decide(note(str(n))) for n in range(200)))
    assert seqs == list(range(1, 201))
    assert len(archive.batches) < 20
    assert sum(archive.batches) == 200


async def test_a_decision_that_raises_changes_nothing_and_the_others_of_its_batch_stand(
    archive: TroubledArchive, clock: Clock
) -> None:
    def half_done(tx: Transaction) -> None:
        tx.record(ReadOnlySet(reason="half"), DAEMON, "ops")
        raise ValueError("no")

    async with Ledger(archive, clock).running() as ledger:
        answers = await asyncio.gather(
            ledger.decide(note("first")),
            ledger.decide(half_done),
            ledger.decide(note("last")),
            return_exceptions=True,
        )
        assert [type(answer) for answer in answers] == [int, ValueError, int]
        assert (ledger.state.read_only, ledger.head.seq) == ("last", 2)
    assert archive.verify()[1:] == (2, None)


async def test_a_failed_commit_is_raised_takes_the_state_back_and_is_told(
    archive: TroubledArchive, clock: Clock
) -> None:
    told: list[Committed] = []
    async with Ledger(archive, clock).running() as ledger:
        ledger.listeners.append(told.append)
        await ledger.decide(note("before"))
        archive.trouble = [JournalUnavailableError("disk I/O error")]
        with pytest.raises(JournalUnavailableError):
            await ledger.decide(note("lost"))
        assert (ledger.state.read_only, ledger.fault, ledger.head.seq) == ("before", "disk I/O error", 1)
        assert len(told) == 1
        await ledger.decide(note("after"))
        assert (ledger.state.read_only, ledger.fault) == ("after", None)
    assert archive.verify()[1:] == (2, None)


async def test_a_full_disk_takes_the_ballast_so_that_the_event_is_journalled(
    archive: TroubledArchive, clock: Clock, tmp_path: Path
) -> None:
    ballast = Ballast(tmp_path / "ballast", 1)
    assert ballast.fill()
    async with Ledger(archive, clock, ballast).running() as ledger:
        archive.trouble = [JournalFullError("full")]
        assert await ledger.decide(note("the cure")) == 1
        assert not ballast.held
        archive.trouble = [JournalFullError("full")]
        with pytest.raises(JournalUnavailableError):
            await ledger.decide(note("no room left"))


async def test_what_was_decided_is_there_after_a_restart_and_folds_to_the_same(
    archive: TroubledArchive, clock: Clock
) -> None:
    async with Ledger(archive, clock).running() as ledger:
        await ledger.decide(note("kept"))
        before = ledger.state
    async with Ledger(archive, clock).running() as ledger:
        assert ledger.state == before


async def test_the_state_is_the_same_from_a_snapshot_and_from_the_events_alone(start: Start) -> None:
    async with start() as house:
        await house.fire()
        await house.post("/v1/incidents/1/ack")
        await house.resolve()
        await house.tick(minutes=1)
        folder = house.config.state / "ops"
    from_snapshot, from_events = Archive(folder, STATE_FORMAT), Archive(folder, -1)
    async with Ledger(from_snapshot, house.clock).running() as one:
        snapshot_state = one.state
    async with Ledger(from_events, house.clock).running() as other:
        assert other.state.incidents == snapshot_state.incidents
        assert set(other.state.alerts) == set(snapshot_state.alerts)


async def test_a_clock_that_is_set_back_never_makes_time_run_backwards(house: House) -> None:
    await house.fire()
    house.clock.forward(hours=-3)
    await house.post("/v1/incidents/1/ack")
    entries = (await house.get("/v1/audit"))["entries"]
    times = [entry["at"] for entry in entries]
    assert times == sorted(times)
    assert (await house.get("/v1/audit/verify"))["ok"]
    assert (await house.get("/v1/incidents/1"))["acknowledged_at"] == "2026-03-14T12:00:00Z"


async def test_a_new_month_closes_the_segment_and_nothing_is_forgotten(start: Start) -> None:
    async with start() as house:
        await house.fire()
        await house.tick(days=20)
        await house.post("/v1/incidents/1/note", {"text": "a month later"})
        folder = house.config.state / "ops"
        names = [path.name for path in sorted(folder.glob("journal-*.sqlite3"))]
        assert names == ["journal-2026-03.sqlite3", "journal-2026-04.sqlite3"]
        verdict = await house.get("/v1/audit/verify")
        assert (verdict["ok"], verdict["first_bad"]) == (True, None)
        kinds = [line["kind"] for line in (await house.get("/v1/incidents/1"))["timeline"]]
        assert kinds[0] == "incident.opened"
        assert kinds[-1] == "incident.noted"
        assert (await house.get("/v1/audit"))["entries"][0]["seq"] == 1
    async with start() as house:
        assert (await house.get("/v1/incidents/1"))["title"] == "APIDown it is"


async def test_nothing_follows_the_last_event_of_a_segment(archive: TroubledArchive, clock: Clock) -> None:
    def close(tx: Transaction) -> None:
        tx.record(SegmentClosed(month="2026-03", events=1, hash=""), DAEMON, "journal")

    async with Ledger(archive, clock).running() as ledger:
        await asyncio.gather(ledger.decide(note("a")), ledger.decide(close), ledger.decide(note("b")))
    closed = Archive(archive.folder, STATE_FORMAT)
    assert [entry.kind for entry in closed.read(0, 10)] == [
        "daemon.read_only",
        "journal.segment_closed",
        "daemon.read_only",
    ]
    assert closed.verify()[1:] == (3, None)


async def test_a_journal_in_trouble_refuses_changes_lets_people_read_and_shows_a_banner(house: House) -> None:
    await house.fire()
    house.built.ledger._archive.close()
    status, answer = await house.ask("POST", "/api/v2/alerts", [{"labels": {"alertname": "RedisDown"}}])
    assert (status, answer["error"]["type"]) == (503, "unavailable")
    body = {"execution_id": "run-00000001", "action": "greet", "confirm": "greet"}
    status, answer = await house.ask("POST", "/v1/executions", body)
    assert (status, "journal cannot be written" in answer["error"]["message"]) == (409, True)
    shown = await house.get("/v1/alerts")
    assert [a["alertname"] for a in shown["alerts"]] == ["APIDown"]
    assert "journal cannot be written" in shown["meta"]["read_only"]
    status, health = await house.ask("GET", "/v1/health")
    assert (status, health["status"]) == (200, "degraded")
    house.built.ledger._archive.open(house.clock())
    await house.tick(seconds=1)
    assert (await house.get("/v1/alerts"))["meta"]["read_only"] is None
    kinds = [entry["kind"] for entry in (await house.get("/v1/audit"))["entries"]]
    assert "journal.writable" in kinds


async def test_a_corrupt_journal_is_set_aside_and_somebody_is_told(start: Start) -> None:
    async with start() as house:
        await house.fire()
        folder = house.config.state / "ops"
    with (folder / "journal-2026-03.sqlite3").open("r+b") as file:
        file.write(b"rubbish" * 100)
    async with start() as house:
        await house.tick(seconds=1)
        incidents = (await house.get("/v1/incidents"))["incidents"]
        assert "JournalDamaged" in [incident["alertname"] for incident in incidents]
        verdict = await house.get("/v1/audit/verify")
        assert verdict["ok"]
        assert verdict["set_aside"][0].startswith("journal.corrupt-")
        assert (await house.get("/v1/health"))["status"] == "degraded"


async def test_a_file_that_turns_out_unsound_while_running_is_set_aside_and_the_state_goes_on(
    archive: TroubledArchive, clock: Clock
) -> None:
    async with Ledger(archive, clock).running() as ledger:
        await ledger.decide(note("before"))
        archive.trouble = [JournalCorruptError("database disk image is malformed")]
        with pytest.raises(JournalUnavailableError):
            await ledger.decide(note("lost"))
        await ledger.decide(note("after"))
        assert ledger.fault is None
        assert ledger.set_aside is not None
    again = Archive(archive.folder, STATE_FORMAT)
    async with Ledger(again, clock).running() as ledger:
        assert ledger.state.read_only == "after"
        (aside,) = again.folder.glob("journal.corrupt-*")
        said = [ledger.set_aside]
        aside.rename(again.folder.parent / aside.name)
        await ledger.look_at_set_aside()
        assert [aside.name in (text or "") for text in (*said, ledger.set_aside)] == [True, False]
        assert again.verify()[2] is None
        assert [entry.kind for entry in again.read(0, 9)] == ["journal.set_aside", "daemon.read_only"]


async def test_a_file_that_is_taken_away_while_running_is_noticed(house: House) -> None:
    await house.fire()
    (house.config.state / "ops" / "journal-2026-03.sqlite3").unlink()
    status, _ = await house.ask("POST", "/v1/incidents/1/ack", {})
    assert status == 503
    await house.post("/v1/incidents/1/ack")
    await house.tick(seconds=1)
    assert "JournalDamaged" in [a["alertname"] for a in (await house.get("/v1/alerts"))["alerts"]]
    assert (await house.get("/v1/incidents/1"))["acknowledged_by"] == "admin"


async def test_a_listener_that_fails_stops_nobody(archive: TroubledArchive, clock: Clock) -> None:
    def fail(committed: Committed) -> None:
        raise RuntimeError("no")

    async with Ledger(archive, clock).running() as ledger:
        ledger.listeners.append(fail)
        assert await ledger.decide(note("a")) == 1
        assert await ledger.decide(note("b")) == 2


async def test_a_trouble_nobody_thought_of_is_raised_and_the_next_decision_goes_on(
    archive: TroubledArchive, clock: Clock
) -> None:
    async with Ledger(archive, clock).running() as ledger:
        archive.trouble = [RuntimeError("surprise")]
        with pytest.raises(JournalUnavailableError, match="surprise"):
            await ledger.decide(note("a"))
        assert (ledger.state.read_only, await ledger.decide(note("b"))) == (None, 1)
    assert archive.verify()[1:] == (1, None)


async def test_a_clock_that_was_a_day_ahead_for_a_while_holds_nothing_up(house: House) -> None:
    await house.fire("Watchdog", severity="none")
    await house.tick(days=1)
    house.clock.forward(days=-1)
    await house.fire("Watchdog", severity="none")
    await house.tick(seconds=1)
    await house.fire("RedisDown")
    shown = {i["alertname"]: i for i in (await house.get("/v1/incidents"))["incidents"]}
    await house.post(f"/v1/incidents/{shown['RedisDown']['id']}/ack")
    for _ in range(3):
        await house.fire("RedisDown")
        await house.tick(minutes=11)
    after = await house.get(f"/v1/incidents/{shown['RedisDown']['id']}")
    assert (after["state"], after["breached_at"] is not None) == ("open", True)
    await house.lapse(seconds=60)
    assert "EvaluatorSilent" in {a["alertname"] for a in (await house.get("/v1/alerts"))["alerts"]}
    assert (await house.get("/v1/audit/verify"))["ok"]


class SlowArchive(TroubledArchive):
    """A journal whose disk is busy until the test says."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.begun, self.released = threading.Event(), threading.Event()

    def append(self, entries: Sequence[JournalEntry]) -> None:
        self.begun.set()
        assert self.released.wait(10)
        super().append(entries)


@pytest.fixture
def slow(tmp_path: Path) -> SlowArchive:
    return SlowArchive(tmp_path)


async def _on_its_way(slow: SlowArchive) -> None:
    assert await asyncio.to_thread(slow.begun.wait, 10)


async def test_what_was_decided_on_a_round_that_fails_is_taken_back_with_it(
    slow: SlowArchive, clock: Clock
) -> None:
    seen: list[str | None] = []
    taken_back: list[Committed] = []

    def upon(tx: Transaction) -> None:
        seen.append(tx.state.read_only)
        note("second")(tx)

    async with Ledger(slow, clock).running() as ledger:
        ledger.taken_back.append(taken_back.append)
        slow.trouble = [JournalUnavailableError("disk I/O error")]
        first = asyncio.create_task(ledger.decide(note("first")))
        await _on_its_way(slow)
        second = asyncio.create_task(ledger.decide(upon))
        async with asyncio.timeout(10):
            while not seen:
                await asyncio.sleep(0)
        slow.released.set()
        answers = await asyncio.gather(first, second, return_exceptions=True)
        assert [type(answer) for answer in answers] == [JournalUnavailableError] * 2
        assert (seen, ledger.state.read_only, ledger.head.seq) == (["first"], None, 0)
        assert [len(told.entries) for told in taken_back] == [1, 1]
        assert await ledger.decide(note("third")) == 1
    assert slow.verify()[1:] == (1, None)


async def test_nobody_is_answered_from_a_state_that_is_not_on_disk(slow: SlowArchive, clock: Clock) -> None:
    async with Ledger(slow, clock).running() as ledger:
        writing = asyncio.create_task(ledger.decide(note("on its way")))
        await _on_its_way(slow)
        reading = asyncio.create_task(ledger.decide(lambda tx: tx.state.read_only))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not reading.done()
        slow.released.set()
        assert (await reading, await writing) == ("on its way", 1)


async def test_an_effect_follows_its_event_although_whoever_asked_has_gone(
    slow: SlowArchive, clock: Clock
) -> None:
    done = asyncio.Event()

    def decide(tx: Transaction) -> None:
        note("kept")(tx)
        tx.afterwards(done.set)

    async with Ledger(slow, clock).running() as ledger:
        asking = asyncio.create_task(ledger.decide(decide))
        await _on_its_way(slow)
        asking.cancel()
        assert not done.is_set()
        slow.released.set()
        await asyncio.wait_for(done.wait(), 10)


async def test_no_effect_follows_what_could_not_be_journalled(archive: TroubledArchive, clock: Clock) -> None:
    done: list[str] = []

    def decide(tx: Transaction) -> None:
        note("lost")(tx)
        tx.afterwards(lambda: done.append("effect"))

    async with Ledger(archive, clock).running() as ledger:
        archive.trouble = [JournalUnavailableError("disk I/O error")]
        with pytest.raises(JournalUnavailableError):
            await ledger.decide(decide)
        await ledger.decide(note("next"))
    assert done == []


async def test_a_snapshot_that_is_written_holds_up_no_commit(
    archive: TroubledArchive, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.ops.state.ledger.SNAPSHOT_EVERY", 3)
    begun, released = threading.Event(), threading.Event()
    save = archive.save_snapshot

    def held(head: Head, pieces: Iterable[bytes]) -> None:
        begun.set()
        assert released.wait(10)
        save(head, pieces)

    monkeypatch.setattr(archive, "save_snapshot", held)
    async with Ledger(archive, clock).running() as ledger:
        for n in range(3):
            await ledger.decide(note(str(n)))
        assert await asyncio.to_thread(begun.wait, 10)
        assert await asyncio.wait_for(ledger.decide(note("meanwhile")), 10) == 4
        released.set()
    found = Archive(archive.folder, STATE_FORMAT).open(clock())
    assert found.snapshot is not None
    assert (found.snapshot.head.seq, list(found.entries)) == (4, [])


async def test_a_snapshot_that_rests_holds_up_no_end(
    archive: TroubledArchive, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written at leisure while the daemon is at work, it is done with as soon as that ends."""
    monkeypatch.setattr("server.ops.state.ledger.SNAPSHOT_EVERY", 1)
    monkeypatch.setattr("server.ops.state.ledger._REST", 1e7)
    taken = RequestTaken(user="ana", key="1", request_sha256="00")
    async with asyncio.timeout(30), Ledger(archive, clock).running() as ledger:
        await ledger.decide(lambda tx: tx.record(taken, DAEMON, "ana"))
    found = Archive(archive.folder, STATE_FORMAT).open(clock())
    assert found.snapshot is not None
    assert (found.snapshot.head.seq, list(found.entries)) == (1, [])


async def test_what_is_not_on_disk_yet_is_no_head_to_tell_others(tmp_path: Path, clock: Clock) -> None:
    seen: list[tuple[int, int]] = []
    archive = TroubledArchive(tmp_path)
    async with Ledger(archive, clock).running() as ledger:
        await ledger.decide(note("kept"))

        def look(tx: Transaction) -> None:
            tx.record(ReadOnlySet(reason="lost"), DAEMON, "daemon")
            seen.append((tx.head.seq, ledger.kept_head.seq))

        archive.trouble = [JournalUnavailableError("disk I/O error")]
        with pytest.raises(JournalUnavailableError):
            await ledger.decide(look)
        assert (seen, ledger.kept_head.seq) == ([(2, 1)], 1)
