"""Facts about the journal's anchor: what each manipulation of the folder is called, and what only a noted head shows."""

import asyncio
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.ops.state.audit import Audit
from server.ops.state.backup import StateBackupError, anchor_state, back_up, prune
from server.ops.state.events import ReadOnlySet
from server.ops.state.ledger import DAEMON, Ledger, Transaction
from server.ops.state.state import STATE_FORMAT
from server.store.anchor import Anchor, AnchorKeyError, JournalMark, read_key, read_mark, take_key, write_mark
from server.store.archive import Archive
from server.store.chain import Head, JournalEntry, format_time, hash_of, head_of
from server.store.journal import Journal
from tests.server.ops.conftest import Clock, House, Start

NO_TRIGGERS = """
DROP TRIGGER event_is_never_updated; DROP TRIGGER event_is_never_deleted;
DROP TRIGGER base_is_never_updated; DROP TRIGGER base_is_never_deleted;
"""


def rows(path: Path) -> list[JournalEntry]:
    journal = Journal(path, read_only=True)
    try:
        return list(journal.read(-1))
    finally:
        journal.close()


def put(path: Path, entries: Sequence[JournalEntry]) -> None:
    """Has the segment hold these rows and no other, past its triggers, as somebody with its file could."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(NO_TRIGGERS)
        db.execute("DELETE FROM event")
        db.executemany(
            "INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?)",
            [
                (
                    e.seq,
                    format_time(e.at),
                    e.actor,
                    e.auth,
                    e.kind,
                    e.object,
                    e.digest,
                    e.body,
                    e.previous,
                    e.hash,
                )
                for e in entries
            ],
        )
        db.commit()


def resealed(entries: Sequence[JournalEntry], base: Head) -> list[JournalEntry]:
    """The rows as a chain that is sound in itself, whatever they were before."""
    made: list[JournalEntry] = []
    head = base
    for entry in entries:
        moved = msgspec.structs.replace(
            entry, seq=head.seq + 1, previous=head.hash, at=max(entry.at, head.at)
        )
        made.append(msgspec.structs.replace(moved, hash=hash_of(moved)))
        head = head_of(made[-1])
    return made


def journals(state: Path) -> list[Path]:
    return sorted((state / "ops").glob("journal-*.sqlite3"))


def forge_mark(state: Path, path: Path) -> None:
    """The mark as somebody without the key can write it."""
    write_mark(state / "ops", JournalMark.of(head_of(rows(path)[-1]), path.name), None)


def no_snapshots(state: Path) -> None:
    for path in (state / "ops").glob("snapshot-*"):
        path.unlink()


async def lived(start: Start) -> Path:
    """A daemon that has something to remember, over two months, and has ended."""
    async with start() as house:
        await house.fire()
        await house.user("ana", "responder")
        house.clock.forward(days=31)
        await house.fire("RedisDown")
        await house.tick(seconds=1)
        await house.user("ben", "viewer")
        return house.config.state


async def verdict_of(start: Start, head: str = "") -> Any:
    async with start() as house:
        return await house.get(f"/v1/audit/verify{'?head=' + head if head else ''}")


def edit_and_reseal(state: Path) -> None:
    path = journals(state)[-1]
    entries = rows(path)
    base = Head(seq=entries[0].seq - 1, hash=entries[0].previous)
    entries[1] = msgspec.structs.replace(entries[1], actor="nobody")
    put(path, resealed(entries, base))
    no_snapshots(state)


def cut_and_mark(state: Path) -> None:
    path = journals(state)[-1]
    put(path, rows(path)[:-2])
    no_snapshots(state)
    forge_mark(state, path)


def drop_first_month(state: Path) -> None:
    journals(state)[0].unlink()


def replace_folder(state: Path) -> None:
    """By a journal that was never anchored here, sound in itself and marked as its own daemon marks it."""
    shutil.rmtree(state / "ops")
    archive = Archive(state / "ops", STATE_FORMAT)
    archive.open(Clock().now)
    archive.append(resealed([template()], Head()))
    archive.close()


def template() -> JournalEntry:
    body = b'{"kind":"daemon.read_only","reason":null}'
    return JournalEntry(
        seq=1,
        at=Clock().now,
        actor="x",
        auth="file",
        kind="daemon.read_only",
        object="o",
        digest="",
        body=body,
        previous=Head().hash,
        hash=b"",
    )


def append_rows(state: Path) -> None:
    path = journals(state)[-1]
    entries = rows(path)
    put(path, [*entries, *resealed([template()], head_of(entries[-1]))])


MANIPULATIONS: dict[Callable[[Path], None], str] = {
    edit_and_reseal: "journal.head says that event",
    cut_and_mark: "journal.head is not signed",
    drop_first_month: "the journal begins after event 0",
    replace_folder: "journal.head is not signed",
    append_rows: "events stand after event",
}


@pytest.mark.parametrize("manipulation", MANIPULATIONS, ids=lambda each: each.__name__)
async def test_what_was_done_to_the_folder_is_not_anchored_and_stays_so(
    start: Start, manipulation: Callable[[Path], None]
) -> None:
    manipulation(await lived(start))
    for _ in range(2):
        async with start() as house:
            verdict = await house.get("/v1/audit/verify")
            await house.tick(seconds=1)
            alerts = [alert["alertname"] for alert in (await house.get("/v1/alerts"))["alerts"]]
        assert (verdict["ok"], verdict["anchored"], "JournalDamaged" in alerts) == (False, False, True)
        if verdict["why_not_anchored"] != "journal.head is not signed":
            assert MANIPULATIONS[manipulation] in verdict["why_not_anchored"]


async def test_a_mark_that_is_missing_over_a_journal_is_not_anchored(start: Start) -> None:
    state = await lived(start)
    (state / "ops" / "journal.head").unlink()
    assert "journal.head is missing" in (await verdict_of(start))["why_not_anchored"]


async def test_what_is_committed_while_it_is_verified_is_no_fault(house: House) -> None:
    """As many verifications as commits, all at once: each finds a journal that is longer than when it began."""

    async def note(n: int) -> None:
        await house.post("/v1/journal/notes", {"text": f"note {n}"})

    work = [*(note(n) for n in range(30)), *(house.get("/v1/audit/verify") for _ in range(30))]
    answers = await asyncio.gather(*work)
    assert [answer["why_not_anchored"] for answer in answers[30:]] == [""] * 30
    assert all(answer["ok"] for answer in answers[30:])


async def test_a_hidden_administrator_in_a_snapshot_has_no_say_and_is_named(start: Start) -> None:
    state = await lived(start)
    path = max((state / "ops").glob("snapshot-*"))
    lines = path.read_bytes().splitlines(keepends=True)
    hidden = hashlib.sha256(b"hidden").hexdigest()
    user = {"name": "eve", "role": "admin", "token_sha256": hidden, "since": "2026-03-14T12:00:00Z"}
    lines.insert(-1, json.dumps({"users": {"eve": user}}).encode() + b"\n")
    trailer = json.loads(lines[-1])
    trailer["sha256"] = hashlib.sha256(b"".join(lines[:-1])).hexdigest()
    path.write_bytes(b"".join(lines[:-1]) + json.dumps(trailer).encode() + b"\n")
    async with start() as house:
        status, _ = await house.ask("GET", "/v1/me", token="hidden")
        users = [user["name"] for user in (await house.get("/v1/users"))["users"]]
        verdict = await house.get("/v1/audit/verify")
    assert (status, "eve" in users, {"ana", "ben"} <= set(users)) == (401, False, True)
    assert (verdict["ok"], verdict["bad_snapshots"]) == (False, [path.name])


async def test_rows_that_are_resealed_while_it_runs_differ_from_what_it_remembers(start: Start) -> None:
    async with start() as house:
        await house.fire()
        path = journals(house.config.state)[-1]
        entries = rows(path)
        put(path, resealed([msgspec.structs.replace(entries[0], actor="nobody"), *entries[1:]], Head()))
        verdict = await house.get("/v1/audit/verify")
        assert not verdict["ok"]
        assert "what was written last is" in verdict["why_not_anchored"]
        # The next commit does not go into that file: memory is the truth that goes on.
        await house.ask("POST", "/v1/incidents/1/ack", {})
        await house.post("/v1/incidents/1/note", {"text": "after"})
        assert (await house.get("/v1/audit/verify"))["set_aside"] != []


async def test_an_older_copy_of_the_whole_folder_is_shown_by_a_noted_head_alone(
    start: Start, tmp_path: Path
) -> None:
    state = await lived(start)
    shutil.copytree(state, tmp_path / "older")
    async with start() as house:
        await house.fire("APIDown", instance="later")
        noted = (await house.get("/v1/audit/verify"))["sound_until"]
    shutil.rmtree(state)
    (tmp_path / "older").rename(state)
    assert (await verdict_of(start))["ok"] is True
    verdict = await verdict_of(start, f"{noted['seq']}:{noted['hash'][:16]}")
    assert (verdict["ok"], verdict["anchored"], verdict["head"]["held"]) == (False, True, False)
    assert "not the same journal" in verdict["head"]["why"] or "not in this journal" in verdict["head"]["why"]


async def test_a_noted_head_that_is_still_there_is_confirmed_and_nonsense_is_refused(house: House) -> None:
    await house.fire()
    noted = (await house.get("/v1/audit/verify"))["sound_until"]
    await house.post("/v1/incidents/1/ack")
    verdict = await house.get(f"/v1/audit/verify?head={noted['seq']}:{noted['hash']}")
    assert (verdict["ok"], verdict["head"]["held"]) == (True, True)
    for wrong in ("12", "x:y", "1:abc", "-1:" + "a" * 64, "9" * 40 + ":" + "a" * 64):
        status, answer = await house.ask("GET", f"/v1/audit/verify?head={wrong}")
        assert (status, answer["error"]["field"]) == (400, "head")


async def test_a_person_may_believe_the_journal_and_that_is_on_the_record(start: Start) -> None:
    state = await lived(start)
    (state / "ops" / "journal.head").unlink()
    async with start() as house:
        anchor = Anchor(take_key(house.config.journal_key), "")
        assert not (await house.get("/v1/audit/verify"))["ok"]
    anchor_state(state, anchor)
    async with start() as house:
        assert (await house.get("/v1/audit/verify"))["ok"]
        kinds = [entry["kind"] for entry in (await house.get("/v1/audit?limit=1000"))["entries"]]
    assert "journal.unanchored" in kinds


async def test_a_chain_that_is_broken_is_not_believed_on_a_persons_word(start: Start) -> None:
    state = await lived(start)
    path = journals(state)[-1]
    entries = rows(path)
    put(path, [msgspec.structs.replace(entries[0], actor="nobody"), *entries[1:]])
    async with start() as house:
        anchor = Anchor(take_key(house.config.journal_key), "")
        assert (await house.get("/v1/audit/verify"))["first_bad"]["seq"] == entries[0].seq
    with pytest.raises(StateBackupError, match="its hash does not fit its content"):
        anchor_state(state, anchor)


async def test_a_backup_does_not_make_a_journal_believable_that_was_not(start: Start, tmp_path: Path) -> None:
    state = await lived(start)
    edit_and_reseal(state)
    async with start() as house:
        key = take_key(house.config.journal_key)
        assert not (await house.get("/v1/audit/verify"))["ok"]
    back_up(state, tmp_path / "to", Clock().now, "1", Anchor(key, ""))
    copied = tmp_path / "copied"
    shutil.unpack_archive(next((tmp_path / "to").glob("*.tar.gz")), copied)
    assert not read_mark(copied / "ops", key).is_signed


async def test_months_that_are_removed_by_the_program_leave_the_journal_anchored(start: Start) -> None:
    state = await lived(start)
    async with start() as house:
        house.clock.forward(days=62)
        await house.tick(seconds=1)
        anchor = Anchor(take_key(house.config.journal_key), "")
    async with start() as house:
        pass
    back_up(state, state / "backups", house.clock(), "1", anchor)
    removed = prune(state, house.clock(), months=0, outputs=timedelta(days=30), anchor=anchor)
    assert removed
    assert (await verdict_of(start))["ok"]


async def test_the_daemon_verifies_its_journal_by_itself_and_has_a_failure_alerted(
    tmp_path: Path, clock: Clock
) -> None:
    archive = Archive(tmp_path, STATE_FORMAT, Anchor(take_key(tmp_path / "else" / "key"), "boot"))
    async with Ledger(archive, clock).running() as ledger:
        audit = Audit(ledger, archive)
        await ledger.decide(noted("first"))
        await audit.verify_by_itself()
        assert ledger.unsound is None
        path = next(tmp_path.glob("journal-*.sqlite3"))
        entries = rows(path)
        put(path, resealed([msgspec.structs.replace(entries[0], actor="nobody"), *entries[1:]], Head()))
        verdict = await audit.verdict()
        assert verdict.fault.startswith("not anchored")


def noted(text: str) -> Callable[[Transaction], JournalEntry]:
    return lambda tx: tx.record(ReadOnlySet(reason=text), DAEMON, "daemon")


def test_a_key_is_its_owners_alone_and_a_short_one_is_refused(tmp_path: Path) -> None:
    key = take_key(tmp_path / "deep" / "key").settle()
    assert (key.file.stat().st_mode & 0o777, key.file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert read_key(key.file) == key
    (tmp_path / "short").write_text("abc\n")
    with pytest.raises(AnchorKeyError, match="at least 32"):
        read_key(tmp_path / "short")


def test_a_crash_before_the_first_mark_leaves_the_key_new(tmp_path: Path) -> None:
    assert take_key(tmp_path / "key").is_new
    again = take_key(tmp_path / "key")
    assert again.is_new
    assert not take_key(again.settle().file).is_new


def test_events_that_outran_the_mark_when_the_power_went_are_said_and_believed(tmp_path: Path) -> None:
    key = take_key(tmp_path / "else" / "key")
    folder = tmp_path / "ops"
    history(folder, Anchor(key, "before"), 3)
    path = next(folder.glob("journal-*.sqlite3"))
    behind = head_of(rows(path)[1])
    anchor = Anchor(key.settle(), "before")
    write_mark(folder, JournalMark.of(behind, path.name, machine_boot="before"), anchor)
    same, later = (Archive(folder, 1, Anchor(anchor.key, boot)) for boot in ("before", "after"))
    later.open(Clock().now)
    assert (later.unanchored, "the machine has started anew" in later.anchoring) == ("", True)
    later.close()
    write_mark(folder, JournalMark.of(behind, path.name, machine_boot="before"), anchor)
    same.open(Clock().now)
    assert "1 events stand after event 2" in same.unanchored
    same.close()


def history(folder: Path, anchor: Anchor, count: int) -> Archive:
    """A journal of ``count`` events, each a commit, the fifth the first of its segment."""
    archive = Archive(folder, 1, anchor)
    archive.open(Clock().now)
    head = Head()
    for n in range(count):
        (entry,) = resealed([msgspec.structs.replace(template(), object=f"o{n}")], head)
        archive.append([entry])
        head = head_of(entry)
        if n == 3:
            archive.rotate("2026-04", head)
    archive.close()
    return archive


KINDS = ("edit", "cut", "insert", "reorder", "swap segments", "older copy", "nothing")


def manipulate(folder: Path, kind: str, place: int, older: Path) -> None:
    paths = sorted(folder.glob("journal-*.sqlite3"))
    if kind == "swap segments":
        first, second = rows(paths[0]), rows(paths[1])
        swapped = resealed([*second, *first], Head())
        put(paths[0], swapped[:4])
        put(paths[1], swapped[4:])
        with closing(sqlite3.connect(paths[1])) as db:
            db.execute("UPDATE base SET hash = ?", (swapped[3].hash,))
            db.commit()
        return
    if kind == "older copy":
        shutil.rmtree(folder)
        shutil.copytree(older, folder)
        return
    entries = rows(paths[1])
    base = Head(seq=entries[0].seq - 1, hash=entries[0].previous)
    at = place % len(entries)
    if kind == "edit":
        entries[at] = msgspec.structs.replace(entries[at], object="edited")
    elif kind == "cut":
        entries = entries[: max(1, at)]
    elif kind == "insert":
        entries.insert(at, msgspec.structs.replace(template(), object="inserted"))
    elif kind == "reorder":
        entries[at], entries[at - 1] = entries[at - 1], entries[at]
    if kind != "nothing":
        put(paths[1], resealed(entries, base))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(KINDS), place=st.integers(0, 5), forged_mark=st.booleans())
def test_whatever_is_done_and_resealed_is_seen_at_the_next_start(
    tmp_path_factory: pytest.TempPathFactory, kind: str, place: int, forged_mark: bool
) -> None:
    root = tmp_path_factory.mktemp("journal")
    folder, older = root / "ops", root / "older"
    key = take_key(root / "key")
    history(folder, Anchor(key, "boot"), 7)
    shutil.copytree(folder, older)
    anchor = Anchor(key.settle(), "boot")
    later = Archive(folder, 1, anchor)
    later.open(Clock().now)
    last = rows(sorted(folder.glob("journal-*.sqlite3"))[1])[-1]
    later.append(resealed([msgspec.structs.replace(template(), object="later")], head_of(last)))
    later.close()
    manipulate(folder, kind, place, older)
    if forged_mark:
        path = sorted(folder.glob("journal-*.sqlite3"))[1]
        write_mark(folder, JournalMark.of(head_of(rows(path)[-1]), path.name), None)
    found = Archive(folder, 1, anchor)
    recovered = found.open(Clock().now)
    found.close()
    untouched = kind in ("nothing", "older copy") and not forged_mark
    # A tail that was cut below a mark that is still believed is damage: the file is set aside, and nothing vouches
    # for what came before.
    assert (found.unanchored == "") == untouched
    assert recovered.set_aside is None or kind == "cut"
    shutil.rmtree(root)
