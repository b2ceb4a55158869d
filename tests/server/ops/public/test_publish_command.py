"""Facts about the command that copies the public site elsewhere."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from server.config import argument_list
from server.ops.public.publish_command import PublishCommand
from server.ops.state.item_faults import ItemFaults
from tests.server.ops.conftest import NOON, Start
from tests.server.ops.public.conftest import PublicSite


def faults() -> ItemFaults:
    return ItemFaults(lambda: NOON)


def script(tmp_path: Path, text: str) -> tuple[str, ...]:
    path = tmp_path / "copy.py"
    path.write_text(text)
    return sys.executable, str(path), "a word; rm -rf /"


async def test_it_gets_the_folder_as_its_last_word_and_no_shell(tmp_path: Path) -> None:
    argv = script(
        tmp_path,
        "import sys, pathlib\npathlib.Path(__file__).with_name('got').write_text(repr(sys.argv[1:]))",
    )
    command = PublishCommand(argv, faults())
    await command.run()
    command.take(tmp_path / "snapshot")
    await command.run()
    assert (tmp_path / "got").read_text() == repr(["a word; rm -rf /", str(tmp_path / "snapshot")])


async def test_a_snapshot_is_copied_once_and_the_latest_counts(tmp_path: Path) -> None:
    argv = script(tmp_path, "import sys\nopen(__file__ + '.log', 'a').write(sys.argv[-1] + '\\n')")
    command = PublishCommand(argv, faults())
    for name in ("one", "two"):
        command.take(Path(name))
    await command.run()
    await command.run()
    assert (tmp_path / "copy.py.log").read_text() == "two\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import sys\nsys.exit('no room there')", "it ended with 1: no room there"),
        ("import time\ntime.sleep(60)", "it did not end within 0.5 s"),
    ],
)
async def test_a_failure_is_shown_and_tried_again(tmp_path: Path, text: str, said: str) -> None:
    shown = faults()
    command = PublishCommand(script(tmp_path, text), shown, timeout_s=0.5)
    command.take(Path("one"))
    await command.run()
    assert said in shown.parts["publishing"]
    script(tmp_path, "open(__file__ + '.done', 'w')")
    await command.run()
    assert (tmp_path / "copy.py.done").exists()
    assert "publishing" not in shown.parts


async def test_a_program_that_is_not_there_is_shown(tmp_path: Path) -> None:
    shown = faults()
    command = PublishCommand(("/nowhere/at-all",), shown)
    command.take(tmp_path)
    await command.run()
    assert "PUBLISH_COMMAND" in shown.parts["publishing"]


async def test_the_daemon_runs_it_after_each_switch(start: Start, tmp_path: Path) -> None:
    argv = script(tmp_path, "import sys\nopen(__file__ + '.log', 'a').write(sys.argv[-1] + '\\n')")
    async with start(publish_command=argv, status_hold_down=timedelta(0)) as house:
        site = PublicSite(house)
        await site.look()
        loop = next(loop for loop in house.built.loops.loops if loop.name == "publish command")
        assert await loop.turn()
        (copied,) = (tmp_path / "copy.py.log").read_text().splitlines()
        assert Path(copied).name == (house.config.state / "public" / "current").readlink().name


@pytest.mark.parametrize(
    ("text", "words"), [('rsync -a "two words"', ("rsync", "-a", "two words")), ("x", ("x",))]
)
def test_its_words_are_quoted_as_in_a_shell(text: str, words: tuple[str, ...]) -> None:
    assert argument_list(text) == words


@pytest.mark.parametrize("text", ['"open', "  "])
def test_words_that_cannot_be_split_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be split|names no program"):
        argument_list(text)
