"""Facts about what is remembered of how the console was left."""

from pathlib import Path

import pytest

from console.model.last_look import LastLook, keep_last_look, looks_path, read_last_look


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def test_each_daemon_has_its_own_and_the_latest_counts() -> None:
    keep_last_look("one", LastLook(view="runs"))
    keep_last_look("two", LastLook(view="logs", filters={"alerts": "sev:critical"}))
    keep_last_look("one", LastLook(view="graphs"))
    assert read_last_look("one") == LastLook(view="graphs")
    assert read_last_look("two") == LastLook(view="logs", filters={"alerts": "sev:critical"})
    assert read_last_look("three") is None


def test_what_was_left_longest_ago_is_forgotten_first() -> None:
    for n in range(60):
        keep_last_look(str(n), LastLook())
    assert read_last_look("9") is None
    assert read_last_look("10") == LastLook()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"one": {"view": "nowhere"}}', "\x00"])
def test_a_file_that_cannot_be_read_is_as_none(text: str) -> None:
    looks_path().parent.mkdir(parents=True, exist_ok=True)
    looks_path().write_text(text)
    assert read_last_look("one") is None
    keep_last_look("one", LastLook(view="runs"))
    assert read_last_look("one") == LastLook(view="runs")


def test_a_folder_that_cannot_be_made_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    keep_last_look("one", LastLook())
    assert read_last_look("one") is None
