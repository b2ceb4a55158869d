"""Facts about backups of the daemon's state: made while it runs, they open again; nothing goes without one."""

import asyncio
import contextlib
import os
import sqlite3
import tarfile
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from server.ops.state.backup import (
    StateBackupError,
    StateManifest,
    archived,
    back_up,
    prune,
    read_manifest,
    restore,
)
from server.ops.state.state import STATE_FORMAT
from server.runner.process import boot_id
from server.store.anchor import Anchor, take_key
from server.store.archive import Archive
from server.store.journal import JournalUnavailableError
from tests.server.ops.conftest import Clock, House, Start

OLD = timedelta(days=30)


def back(house: House) -> tuple[Path, StateManifest]:
    state = house.config.state
    return back_up(state, state / "backups", house.clock(), "1", anchor_of(house))


def anchor_of(house: House) -> Anchor:
    return Anchor(take_key(house.config.journal_key), boot_id())


async def a_month_passes(house: House) -> None:
    """Something happens, and a new month begins."""
    house.clock.forward(days=31)
    await house.fire(instance=f"{house.clock():%Y-%m}")
    await house.tick(seconds=1)
    await house.resolve(instance=f"{house.clock():%Y-%m}")


async def test_a_backup_of_a_running_daemon_restores_to_what_it_was(start: Start, tmp_path: Path) -> None:
    async with start() as house:
        await house.fire()
        token = await house.user("ana", "responder")
        path, manifest = back(house)
        seq = (await house.get("/v1/health"))["journal"]["seq"]
        await house.fire("RedisDown")
    assert manifest.seq == seq
    state = tmp_path / "var"
    state.rename(tmp_path / "lost")
    restore(tmp_path / "lost" / "backups" / path.name, state, house.clock())
    async with start() as house:
        assert [i["alertname"] for i in (await house.get("/v1/incidents"))["incidents"]] == ["APIDown"]
        assert (await house.get("/v1/me", token=token))["name"] == "ana"
        assert (await house.get("/v1/audit/verify"))["ok"] is True


async def test_the_checked_files_come_back_with_it(start: Start, tmp_path: Path) -> None:
    ours = 'inhibition:\n  - {cause: alertname="A", symptoms: [alertname="B"]}\n'
    async with start() as house:
        (tmp_path / "var" / "inhibition.yml").write_text(ours)
        path, manifest = back(house)
    assert "inhibition.yml" in manifest.files
    restore(path, tmp_path / "elsewhere", house.clock())
    assert (tmp_path / "elsewhere" / "inhibition.yml").read_text() == ours


async def test_outputs_and_tokens_are_in_it_and_what_is_rebuilt_is_not(house: House) -> None:
    await house.post(
        "/v1/executions", {"execution_id": "run-00000001", "action": "greet", "confirm": "greet"}
    )
    await house.settled("run-00000001")
    path, manifest = back(house)
    assert {"ops/executions/run-00000001/stdout.0", "tokens/admin", "ops/journal.head"} <= set(manifest.files)
    assert not any(name.endswith(("-wal", "-shm", "ballast", "lock")) for name in manifest.files)
    assert path.stat().st_mode & 0o077 == 0


async def test_a_backup_made_while_events_are_written_is_sound(house: House, tmp_path: Path) -> None:
    """The daemon goes on meanwhile, in another thread of this process."""

    async def busy() -> None:
        for number in range(200):
            await house.fire(instance=str(number))

    writing = asyncio.create_task(busy())
    made = [
        await asyncio.to_thread(back_up, house.config.state, tmp_path / str(n), house.clock(), "1")
        for n in range(5)
    ]
    await writing
    for path, manifest in made:
        assert manifest.unsound == ""
        restore(path, tmp_path / f"again-{manifest.seq}-{path.parent.name}", house.clock())


async def test_a_damaged_archive_is_refused_and_nothing_is_touched(house: House, tmp_path: Path) -> None:
    path, _ = back(house)
    for cut in (0, 100, path.stat().st_size // 2, path.stat().st_size - 20):
        broken = tmp_path / f"{cut}.tar.gz"
        broken.write_bytes(path.read_bytes()[:cut])
        with pytest.raises(StateBackupError, match="is no whole backup of the state"):
            restore(broken, tmp_path / "new", house.clock())
    assert not (tmp_path / "new" / "ops").exists()


async def test_an_archive_whose_content_was_changed_is_refused(house: House, tmp_path: Path) -> None:
    path, manifest = back(house)
    forged = tmp_path / "forged.tar.gz"
    with tarfile.open(path) as source:
        source.extractall(tmp_path / "out")
    (tmp_path / "out" / "tokens" / "admin").write_text("ops_mine\n")
    with tarfile.open(forged, "w:gz") as target:
        for name in ("MANIFEST.json", "ops", "tokens"):
            target.add(tmp_path / "out" / name, name)
    with pytest.raises(StateBackupError, match="tokens/admin is not what it was"):
        read_manifest(forged)
    assert manifest == read_manifest(path)


async def test_an_archive_that_reaches_outside_is_refused(house: House, tmp_path: Path) -> None:
    path, manifest = back(house)
    evil = tmp_path / "evil.tar.gz"
    (tmp_path / "x").write_text("x")
    with tarfile.open(path) as source:
        source.extractall(tmp_path / "out")
    outside = "ops/../../escaped"
    files = {**manifest.files, outside: "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}
    (tmp_path / "out" / "MANIFEST.json").write_bytes(
        msgspec.json.encode(msgspec.structs.replace(manifest, files=files))
    )
    with tarfile.open(evil, "w:gz") as target:
        for name in ("MANIFEST.json", "ops", "tokens"):
            target.add(tmp_path / "out" / name, name)
        target.add(tmp_path / "x", outside)
    with pytest.raises(StateBackupError, match="which no backup of the state has"):
        restore(evil, tmp_path / "new", house.clock())
    assert not (tmp_path / "escaped").exists()


async def test_a_state_that_is_there_is_never_written_over(start: Start, tmp_path: Path) -> None:
    async with start() as house:
        path, _ = back(house)
        with pytest.raises(StateBackupError, match="another ops daemon"):
            restore(path, house.config.state, house.clock(), replace=True)
    state = house.config.state
    with pytest.raises(StateBackupError, match="--replace moves what is there aside"):
        restore(path, state, house.clock())
    restore(path, state, house.clock(), replace=True)
    assert len([p for p in state.iterdir() if ".before-" in p.name]) == 2


async def test_nothing_is_removed_without_an_archive(house: House) -> None:
    await a_month_passes(house)
    with pytest.raises(StateBackupError, match="nothing is removed without an archive"):
        prune(house.config.state, house.clock(), months=0, outputs=OLD)
    path, _ = back(house)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StateBackupError, match="nothing is removed without an archive"):
        prune(house.config.state, house.clock(), months=0, outputs=OLD)


async def test_old_months_go_once_they_are_in_an_archive_and_the_daemon_lives_on(
    start: Start, tmp_path: Path
) -> None:
    async with start() as house:
        await house.fire("RedisDown")
        for _ in range(4):
            await a_month_passes(house)
    async with start() as house:
        token = await house.user("ana", "responder")
    async with start() as house:
        folder = house.config.state / "ops"
        before = sorted(path.name for path in folder.glob("journal-*.sqlite3"))
        back(house)
        removed = prune(house.config.state, house.clock(), months=1, outputs=OLD, anchor=anchor_of(house))
        left = sorted(path.name for path in folder.glob("journal-*.sqlite3"))
        assert removed
        assert sorted([*removed, *left]) == before
        assert left[0][len("journal-") :][:7] >= f"{house.clock() - timedelta(days=31):%Y-%m}"
        assert (await house.get("/v1/audit/verify"))["ok"] is True
        assert prune(house.config.state, house.clock(), months=1, outputs=OLD, anchor=anchor_of(house)) == []
        await house.fire("DatabaseDown")
    async with start() as house:
        names = {i["alertname"] for i in (await house.get("/v1/incidents?all=1"))["incidents"]}
        assert {"RedisDown", "DatabaseDown"} <= names
        assert (await house.get("/v1/me", token=token))["name"] == "ana"


async def test_a_state_that_can_no_longer_be_read_whole_says_where_the_rest_is(start: Start) -> None:
    """Months are removed and the snapshots that made up for them are gone: to go on would forget users and incidents."""
    async with start() as house:
        for _ in range(3):
            await a_month_passes(house)
    async with start() as house:
        back(house)
        assert prune(house.config.state, house.clock(), months=0, outputs=OLD)
    folder = house.config.state / "ops"
    for path in folder.glob("snapshot-*"):
        path.unlink()
    archive = Archive(folder, STATE_FORMAT)
    with (
        contextlib.closing(archive),
        pytest.raises(JournalUnavailableError, match="put them back from the backup"),
    ):
        archive.open(house.clock())


async def test_old_outputs_go_once_they_are_in_an_archive(house: House, clock: Clock) -> None:
    folder = house.config.state / "ops" / "executions" / "run-00000001"
    folder.mkdir(parents=True)
    for name in ("stdout.0", "stderr.0", "claim"):
        (folder / name).write_text(name)
    stamp = (clock.now - timedelta(days=40)).timestamp()
    os.utime(folder, (stamp, stamp))
    back(house)
    assert sorted(prune(house.config.state, clock.now, months=13, outputs=OLD)) == [
        "executions/run-00000001/stderr.0",
        "executions/run-00000001/stdout.0",
    ]
    assert [path.name for path in folder.iterdir()] == ["claim"]


async def test_an_unsound_journal_is_backed_up_said_to_be_so_and_does_not_count(start: Start) -> None:
    async with start() as house:
        await house.fire()
    folder = house.config.state / "ops"
    mark = folder / "journal.head"
    newest = Archive(folder, STATE_FORMAT).segments()[-1]
    with contextlib.closing(sqlite3.connect(newest)) as db, db:
        db.execute("DROP TRIGGER event_is_never_updated")
        db.execute("UPDATE event SET object = 'forged' WHERE seq = 2")
    _, manifest = back(house)
    assert "event" in manifest.unsound
    assert archived(folder) is None
    assert mark.exists()


def test_a_folder_without_a_journal_is_said(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(StateBackupError, match="there is no journal in"):
        back_up(tmp_path, tmp_path / "to", clock.now, "1")


def _log(state: Path, name: str, *written: str) -> Path:
    path = state / name
    path.write_text("".join(f"{at}  ana  L1  incident 1  APIDown  ops open 1\n" for at in written))
    return path


async def test_logs_of_notifications_go_a_prune_after_a_backup_has_them(house: House) -> None:
    state, begun_at = house.config.state, house.clock()
    log = _log(state, "notifications.log", f"{begun_at:%Y-%m-%dT%H:%M:%SZ}")
    house.clock.forward(days=40)
    young = _log(state, "incidents.log", f"{house.clock():%Y-%m-%dT%H:%M:%SZ}")
    odd = _log(state, "odd.log", "no time at all")
    back(house)
    assert prune(state, house.clock(), months=1, outputs=OLD) == []
    [aside] = state.glob("notifications-*.log")
    assert not log.exists() and young.exists() and odd.exists(), "laid aside, and nothing removed"
    os.utime(aside, (begun_at.timestamp(), begun_at.timestamp()))
    house.clock.forward(hours=1)
    assert prune(state, house.clock(), months=1, outputs=OLD) == [], "the backup has it under its old name"
    path, manifest = back(house)
    assert aside.name in manifest.files
    house.clock.forward(hours=1)
    assert prune(state, house.clock(), months=1, outputs=OLD) == [aside.name]
    assert not aside.exists() and path.exists()


async def test_a_log_that_is_not_as_the_backup_has_it_stays(house: House) -> None:
    state = house.config.state
    aside = _log(state, "notifications-20260101T000000Z.log", "2025-12-01T00:00:00Z")
    back(house)
    aside.write_text(aside.read_text() + "a line that came late\n")
    os.utime(aside, (0, 0))
    house.clock.forward(days=40)
    assert prune(state, house.clock(), months=1, outputs=OLD) == []
    assert aside.exists()


async def test_logs_of_notifications_come_back_and_replace_nothing(start: Start, tmp_path: Path) -> None:
    async with start() as house:
        await house.fire()
        _log(house.config.state, "notifications.log", "2026-03-14T12:00:00Z")
        path, _ = back(house)
        now = house.clock()
    state = tmp_path / "var"
    moved = tmp_path / path.name
    path.rename(moved)
    (state / "notifications.log").write_text("written since\n")
    restore(moved, state, now, replace=True)
    assert (state / "notifications.log").read_text() == "written since\n"
    [back_again] = state.glob("notifications-restored-*.log")
    assert "APIDown" in back_again.read_text()


async def test_archives_of_one_second_have_names_of_their_own(house: House) -> None:
    first, second, third = await asyncio.to_thread(lambda: [back(house)[0] for _ in range(3)])
    assert (second.name, third.name) == (
        first.name.replace(".tar", "-2.tar"), first.name.replace(".tar", "-3.tar"),
    )  # fmt: skip
    assert {path.name for path in first.parent.iterdir() if path.is_file()} == {
        first.name,
        second.name,
        third.name,
    }
    for path in (first, second, third):
        assert read_manifest(path).files


async def test_archives_that_are_made_at_once_do_not_write_over_each_other(house: House) -> None:
    made = await asyncio.gather(*(asyncio.to_thread(back, house) for _ in range(4)))
    assert len({path for path, _ in made}) == 4
    for path, manifest in made:
        assert read_manifest(path) == manifest
