"""The journal: durable, append-only, chained, and honest about what is wrong with it."""

import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.store.archive import CLOSED, SET_ASIDE, Archive
from server.store.chain import Draft, Head, JournalEntry, first_break, head_of, seal
from server.store.journal import Journal, JournalFullError, JournalUnavailableError

NOW = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)
CURRENT = "journal-2026-01.sqlite3"
"""The first segment of a journal that begins at that time."""


def chain(count: int, head: Head | None = None, kind: str = "test") -> list[JournalEntry]:
    head = head or Head()
    entries = []
    for n in range(count):
        draft = Draft(kind=kind, actor="ana", auth="token", object=str(n % 3), body=b'{"n":%d}' % n)
        entry = seal(draft, head, NOW + timedelta(seconds=n))
        entries.append(entry)
        head = head_of(entry)
    return entries


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = Archive(tmp_path, 1)
    opened.open(NOW)
    yield opened
    opened.close()


def reopened(archive: Archive) -> Archive:
    archive.close()
    return Archive(archive.folder, 1)


def test_what_was_appended_is_there_after_reopening(archive: Archive) -> None:
    entries = chain(5)
    archive.append(entries[:2])
    archive.append(entries[2:])
    again = reopened(archive)
    assert list(again.open(NOW).entries) == entries
    again.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'bo' WHERE seq = 1",
        "DELETE FROM event WHERE seq = 3",
        "UPDATE base SET seq = 9",
        "DELETE FROM base",
    ],
)
def test_triggers_refuse_update_and_delete(archive: Archive, statement: str) -> None:
    archive.append(chain(3))
    with (
        sqlite3.connect(archive.folder / CURRENT) as db,
        pytest.raises(sqlite3.IntegrityError, match="journal is never"),
    ):
        db.execute(statement)


def test_the_journal_is_synced_in_full_and_writes_ahead(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite3")
    assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    journal.close()


def test_a_time_never_runs_backwards() -> None:
    first = chain(1)[0]
    draft = Draft(kind="k", actor="a", auth="t", object="o", body=b"{}")
    assert seal(draft, head_of(first), NOW - timedelta(hours=1)).at == first.at


@given(st.data())
def test_any_field_changed_breaks_the_chain_at_that_row(data: st.DataObject) -> None:
    entries = chain(6)
    n = data.draw(st.integers(0, 5))
    field = data.draw(
        st.sampled_from(["actor", "auth", "kind", "object", "digest", "body", "previous", "hash", "at"])
    )
    old = getattr(entries[n], field)
    new = old + timedelta(microseconds=1) if field == "at" else _changed(data, old)
    entries[n] = msgspec.structs.replace(entries[n], **{field: new})
    _, broken = first_break(entries, Head())
    assert broken is not None
    assert broken.seq == n + 1


def _changed(data: st.DataObject, old: str | bytes) -> str | bytes:
    if isinstance(old, str):
        return old + "x"
    if not old:
        return b"x"
    at = data.draw(st.integers(0, len(old) - 1))
    return old[:at] + bytes([old[at] ^ data.draw(st.integers(1, 255))]) + old[at + 1 :]


@given(st.integers(0, 8), st.integers(1, 3))
def test_rows_taken_out_of_the_middle_are_named(first: int, count: int) -> None:
    entries = chain(12)
    del entries[first : first + count]
    _, broken = first_break(entries, Head())
    assert broken is not None
    assert broken.seq == first + count + 1
    assert f"{first + 1}" in broken.why


def tampered(archive: Archive, statement: str) -> None:
    archive.close()
    with sqlite3.connect(archive.folder / CURRENT) as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute(statement)
    db.close()


@pytest.mark.parametrize(
    ("statement", "seq", "why"),
    [
        ("UPDATE event SET body = x'7b7d' WHERE seq = 3", 3, "hash does not fit"),
        ("UPDATE event SET actor = 'bo' WHERE seq = 5", 5, "hash does not fit"),
        ("UPDATE event SET at = 'yesterday' WHERE seq = 2", 2, "hash does not fit"),
        ("DELETE FROM event WHERE seq = 4", 5, "event 4 is missing"),
        ("DELETE FROM event WHERE seq > 4", 5, "event 6 was committed"),
        ("UPDATE event SET actor = x'ff' WHERE seq = 2", 2, "hash does not fit"),
    ],
)
def test_verify_names_the_first_bad_row(archive: Archive, statement: str, seq: int, why: str) -> None:
    archive.append(chain(6))
    tampered(archive, statement)
    _, _, broken = archive.verify()
    assert broken is not None
    assert (broken.seq, broken.file) == (seq, CURRENT)
    assert why in broken.why


def test_a_sound_chain_verifies(archive: Archive) -> None:
    entries = chain(7)
    archive.append(entries)
    assert archive.verify() == (head_of(entries[-1]), 7, None)


def test_a_file_that_is_no_database_is_set_aside_and_a_chain_begun(archive: Archive) -> None:
    archive.append(chain(3))
    archive.close()
    for side in archive.folder.glob("journal-*"):
        side.write_bytes(b"rubbish" * 1000)
    found = Archive(archive.folder, 1).open(NOW)
    assert found.set_aside is not None
    assert found.set_aside.file.startswith("journal.corrupt-")
    assert (archive.folder / found.set_aside.file).exists()
    assert [path.name for path in archive.segments()] == ["journal-2026-01.2.sqlite3"]


def test_a_broken_row_sets_the_file_aside_and_the_new_chain_is_linked_to_the_last_sound_event(
    archive: Archive,
) -> None:
    entries = chain(6)
    archive.append(entries)
    tampered(archive, "UPDATE event SET body = x'7b7d' WHERE seq = 4")
    again = Archive(archive.folder, 1)
    found = again.open(NOW)
    assert found.set_aside is not None
    assert (found.set_aside.seq, found.set_aside.hash) == (3, entries[2].hash.hex())
    assert list(found.entries) == entries[:3]
    note = Draft(kind=SET_ASIDE, actor="daemon", auth="daemon", object="journal", body=b"{}")
    again.append([seal(note, head_of(entries[2]), NOW)])
    head, count, broken = again.verify()
    assert (head.seq, count, broken) == (4, 1, None)
    again.close()


def test_a_cut_tail_is_seen_at_the_next_start(archive: Archive) -> None:
    archive.append(chain(6))
    tampered(archive, "DELETE FROM event WHERE seq > 4")
    found = Archive(archive.folder, 1).open(NOW)
    assert found.set_aside is not None
    assert "ends with event 4, but 6 was committed" in found.set_aside.why


def test_a_month_is_closed_and_the_next_segment_is_linked_to_it(archive: Archive) -> None:
    entries = chain(8)
    archive.append(entries[:5])
    archive.save_snapshot(head_of(entries[4]), [b'"state"'])
    archive.rotate("2026-02", head_of(entries[4]))
    archive.append(entries[5:])
    assert [path.name for path in archive.segments()] == [CURRENT, "journal-2026-02.sqlite3"]
    assert archive.verify() == (head_of(entries[-1]), 8, None)
    assert list(archive.read(2, 4)) == entries[2:6]
    assert [entry.seq for entry in archive.about("1")] == [2, 5, 8]
    again = reopened(archive)
    found = again.open(NOW)
    assert found.snapshot is not None
    assert (list(found.snapshot.pieces()), list(found.entries)) == ([b'"state"'], entries[5:])
    again.close()


def test_a_state_in_an_older_format_is_rebuilt_from_every_segment(archive: Archive) -> None:
    entries = chain(8)
    archive.append(entries[:5])
    archive.save_snapshot(head_of(entries[4]), [b'"state"'])
    archive.rotate("2026-02", head_of(entries[4]))
    archive.append(entries[5:])
    archive.close()
    newer = Archive(archive.folder, 2)
    found = newer.open(NOW)
    assert (found.snapshot, list(found.entries)) == (None, entries)
    newer.close()


def test_a_reader_that_has_a_segment_open_when_its_month_is_closed_loses_nobody_an_event(
    archive: Archive,
) -> None:
    entries = chain(8)
    archive.append(entries[:5])
    reader = sqlite3.connect(archive.folder / CURRENT)
    rows = reader.execute("SELECT seq FROM event")
    assert rows.fetchone() == (1,)
    archive.rotate("2026-02", head_of(entries[4]))
    archive.append(entries[5:])
    reader.close()
    assert archive.verify() == (head_of(entries[-1]), 8, None)
    assert list(archive.read(0, 99)) == entries


def test_a_crash_before_the_next_segment_is_begun_is_made_good_at_the_next_start(archive: Archive) -> None:
    entries = chain(4)
    closing = Draft(kind=CLOSED, actor="daemon", auth="daemon", object="journal", body=b"{}")
    entries.append(seal(closing, head_of(entries[-1]), NOW + timedelta(seconds=9)))
    archive.append(entries)
    again = reopened(archive)
    assert list(again.open(datetime(2026, 2, 1, tzinfo=UTC)).entries) == entries
    assert [path.name for path in again.segments()] == [CURRENT, "journal-2026-02.sqlite3"]
    assert again.verify() == (head_of(entries[-1]), 5, None)
    again.close()


def test_a_draft_that_a_crash_left_is_no_segment(archive: Archive) -> None:
    entries = chain(5)
    archive.append(entries)
    archive.close()
    (archive.folder / ".journal.new").write_bytes(b"half of it")
    again = Archive(archive.folder, 1)
    assert list(again.open(NOW).entries) == entries
    again.rotate("2026-02", head_of(entries[-1]))
    assert again.verify() == (head_of(entries[-1]), 5, None)
    again.close()


def of_old(archive: Archive, names: dict[str, str]) -> None:
    """Gives the segments the names that version 0.1.0 gave them."""
    archive.close()
    for name, old in names.items():
        (archive.folder / name).rename(archive.folder / old)
    (archive.folder / "journal.head").unlink()


def test_a_folder_of_version_0_1_0_goes_on_and_its_open_segment_keeps_its_name(archive: Archive) -> None:
    entries = chain(9)
    archive.append(entries[:3])
    archive.rotate("2026-02", head_of(entries[2]))
    archive.append(entries[3:6])
    of_old(archive, {"journal-2026-02.sqlite3": "journal.sqlite3"})
    again = Archive(archive.folder, 1)
    assert list(again.open(NOW).entries) == entries[:6]
    assert again.current.name == "journal.sqlite3"
    again.rotate("2026-03", head_of(entries[5]))
    again.append(entries[6:])
    assert [path.name for path in again.segments()] == [CURRENT, "journal.sqlite3", "journal-2026-03.sqlite3"]
    assert again.verify() == (head_of(entries[-1]), 9, None)
    again.close()
    newest = Archive(archive.folder, 1)
    assert list(newest.open(NOW).entries) == entries
    assert newest.current.name == "journal-2026-03.sqlite3"
    newest.close()


def test_a_rotation_of_version_0_1_0_that_a_crash_cut_off_is_finished(archive: Archive) -> None:
    entries = chain(5)
    archive.append(entries)
    archive.rotate("2026-02", head_of(entries[-1]))
    of_old(archive, {"journal-2026-02.sqlite3": "journal.next.sqlite3"})
    again = Archive(archive.folder, 1)
    assert list(again.open(NOW).entries) == entries
    assert again.current.name == "journal.sqlite3"
    again.close()


def test_a_row_removed_from_a_closed_segment_is_found(archive: Archive) -> None:
    entries = chain(8)
    archive.append(entries[:5])
    archive.save_snapshot(head_of(entries[4]), [b'"state"'])
    archive.rotate("2026-02", head_of(entries[4]))
    archive.append(entries[5:])
    archive.close()
    with sqlite3.connect(archive.folder / "journal-2026-01.sqlite3") as db:
        db.execute("DROP TRIGGER event_is_never_deleted")
        db.execute("DELETE FROM event WHERE seq = 5")
    db.close()
    _, _, broken = archive.verify()
    assert broken is not None
    assert (broken.seq, broken.file) == (6, "journal-2026-02.sqlite3")


def test_a_full_disk_is_said_to_be_full(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite3")
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalFullError):
        journal.append(chain(5_000))
    assert journal.head() == Head()
    journal.close()


def test_a_closed_journal_is_unavailable_and_not_corrupt(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite3")
    journal.close()
    with pytest.raises(JournalUnavailableError):
        journal.append(chain(1))


def test_two_snapshots_are_kept_and_the_newest_sound_one_is_used(archive: Archive) -> None:
    entries = chain(6)
    archive.append(entries)
    for n in (2, 4, 6):
        archive.save_snapshot(head_of(entries[n - 1]), [b"%d" % n, b"more"])
    kept = sorted(archive.folder.glob("snapshot-*"))
    assert [path.name for path in kept] == ["snapshot-000000000004.ndjson", "snapshot-000000000006.ndjson"]
    kept[-1].write_bytes(kept[-1].read_bytes().replace(b"more", b"less"))
    again = reopened(archive)
    found = again.open(NOW)
    assert found.snapshot is not None
    assert (list(found.snapshot.pieces()), list(found.entries)) == ([b"4", b"more"], entries[4:])
    again.close()


def test_a_snapshot_of_events_that_never_were_is_not_believed(archive: Archive) -> None:
    archive.append(chain(3))
    archive.save_snapshot(head_of(chain(5)[-1]), [b"5"])
    again = reopened(archive)
    found = again.open(NOW)
    assert (found.snapshot, list(found.entries)) == (None, chain(3))
    again.close()


def test_whichever_byte_of_the_file_is_changed_nothing_false_is_called_sound(archive: Archive) -> None:
    """A byte may lie where no event is; then what is read is still exactly what was written."""
    entries = chain(12)
    archive.append(entries)
    archive.close()
    path = archive.folder / CURRENT
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    whole, chance = path.read_bytes(), random.Random(7)
    found = 0
    for _ in range(400):
        at = chance.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ chance.randrange(1, 256)]) + whole[at + 1 :])
        head, count, broken = archive.verify()
        found += broken is not None
        if broken is None:
            assert (head, count, list(archive.read(0, 99))) == (head_of(entries[-1]), 12, entries)
    assert found > 30
