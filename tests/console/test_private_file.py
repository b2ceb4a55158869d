"""Facts about the user's own files: nobody else reads them, and nothing of anybody else's is written to."""

import os
import stat
from pathlib import Path

import pytest

from console.terminal.clipboard import copy_out
from console.terminal.private_file import _folder_of_this_run, private_file


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "structured-prompt"


def test_a_copy_is_a_file_of_the_users_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    outcome = copy_out("secret words")
    file = folder / "copied.txt"
    assert str(file) in outcome.words
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("secret words", 0o600)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    copy_out("other words")
    assert [path.name for path in folder.iterdir()] == ["copied.txt"]
    assert file.read_text() == "other words"


def test_a_link_that_lies_there_is_replaced_and_not_followed(folder: Path, tmp_path: Path) -> None:
    folder.mkdir(parents=True)
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (folder / "copied.txt").symlink_to(victim)
    assert private_file("copied.txt", "words").read_text() == "words"
    assert (victim.read_text(), (folder / "copied.txt").is_symlink()) == ("mine", False)


def test_a_file_that_others_can_read_is_replaced_by_one_that_they_cannot(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "copied.txt").touch(0o666)
    opened = os.open(folder / "copied.txt", os.O_RDONLY)
    private_file("copied.txt", "words")
    assert os.read(opened, 10) == b"", "whoever had the old one open reads nothing of the new"
    os.close(opened)
    assert stat.S_IMODE((folder / "copied.txt").stat().st_mode) == 0o600


def test_without_a_home_it_is_a_folder_of_this_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    _folder_of_this_run.cache_clear()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    file = private_file("copied.txt", "words")
    assert (file.read_text(), stat.S_IMODE(file.parent.stat().st_mode)) == ("words", 0o700)
    assert private_file("copied.txt", "more").parent == file.parent
    _folder_of_this_run.cache_clear()
