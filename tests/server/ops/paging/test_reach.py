"""Facts about what is seen of a channel without calling: its variable, file, folder or program is there or not."""

from pathlib import Path

import pytest

from alerts.contacts import Channel, Person
from server.ops.paging.reach import channel_trouble, unreachable


def _apprise(target: str) -> Channel:
    return Channel(kind="apprise", target=target)


def test_a_secret_is_there_in_its_variable_or_its_file(tmp_path: Path) -> None:
    full, empty = tmp_path / "full", tmp_path / "empty"
    full.write_text("json://localhost\n")
    empty.write_text("\n")
    env = {"SET": "json://localhost", "BLANK": ""}
    assert channel_trouble(_apprise("env:SET"), env) == ""
    assert channel_trouble(_apprise("env:BLANK"), env) == "the variable BLANK is not set"
    assert channel_trouble(_apprise("env:UNSET"), env) == "the variable UNSET is not set"
    assert channel_trouble(_apprise(f"file:{full}"), env) == ""
    assert channel_trouble(_apprise(f"file:{empty}"), env) == f"{empty} is empty"
    assert "No such file" in channel_trouble(_apprise(f"file:{tmp_path}/none"), env)
    assert channel_trouble(Channel(kind="pagerduty", target="env:UNSET"), env)


@pytest.mark.parametrize(
    ("place", "said"),
    [("ana.log", ""), ("none/ana.log", "there is no folder"), (".", "it is a folder")],
)
def test_a_file_has_a_folder_in_which_it_can_be_written(tmp_path: Path, place: str, said: str) -> None:
    trouble = channel_trouble(Channel(kind="file", target=str(tmp_path / place)), {})
    assert trouble.startswith(said) and bool(trouble) == bool(said)


def test_a_command_is_looked_for_where_the_sender_will(tmp_path: Path) -> None:
    program = tmp_path / "call"
    program.write_text("#!/bin/sh\n")
    channel = Channel(kind="command", argv=("call",))
    assert channel_trouble(channel, {"PATH": str(tmp_path)}) == "there is no program call"
    program.chmod(0o755)
    assert channel_trouble(channel, {"PATH": str(tmp_path)}) == ""
    assert channel_trouble(Channel(kind="command", argv=(str(program),)), {}) == ""


def test_troubles_are_told_by_person_and_channel_and_never_hold_a_secret(tmp_path: Path) -> None:
    channels = (
        _apprise("env:SET"),
        _apprise("env:UNSET"),
        Channel(kind="file", target=str(tmp_path / "a.log")),
    )
    ana = Person(id="ana", name="Ana", channels=channels)
    found = unreachable([ana], {"SET": "tgram://secret"})
    assert found == {"ana": ("apprise env:UNSET: the variable UNSET is not set",)}
