"""A damaged file never stops a start: it is sound, or it is set aside with what was sound in it."""

import random
import sqlite3
from pathlib import Path

from server.store.archive import Archive
from tests.server.store.test_journal import CURRENT, NOW, chain


def a_whole_file(folder: Path) -> bytes:
    archive = Archive(folder, 1)
    archive.open(NOW)
    archive.append(chain(12))
    archive.close()
    with sqlite3.connect(folder / CURRENT) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return (folder / CURRENT).read_bytes()


def damaged(whole: bytes, n: int, chance: random.Random) -> bytes:
    """Cut short, one byte changed, or many; every other time near the file's beginning."""
    if n % 3 == 0:
        return whole[: chance.randrange(len(whole))]
    changed = bytearray(whole)
    for _ in range(1 if n % 3 == 1 else 50):
        changed[chance.randrange(len(changed) if n % 2 else 200)] ^= chance.randrange(1, 256)
    return bytes(changed)


def test_however_a_file_is_damaged_the_start_succeeds_and_what_is_read_was_written(tmp_path: Path) -> None:
    whole, chance, entries = a_whole_file(tmp_path / "whole"), random.Random(3), chain(12)
    aside = 0
    for n in range(60):
        folder = tmp_path / str(n)
        folder.mkdir()
        (folder / CURRENT).write_bytes(damaged(whole, n, chance))
        (folder / "journal.head").write_text(f"12 {entries[-1].hash.hex()}\n")
        archive = Archive(folder, 1)
        found = archive.open(NOW)
        archive.close()
        assert list(found.entries) == entries[: len(found.entries)]
        assert found.set_aside is not None or len(found.entries) == 12
        aside += found.set_aside is not None
    assert 30 < aside < 60
