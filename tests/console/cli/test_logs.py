"""Facts about `ops logs`, of a daemon elsewhere as of the stack here."""

import json
import subprocess
import sys

import pytest

from console.cli.services.log_source import lines_after
from tests.console.cli.test_command_line import ops, words_of
from tests.console.conftest import LoneDaemon


@pytest.fixture
def logged(lone_daemon: LoneDaemon) -> LoneDaemon:
    """With a log of the API of three lines."""
    lines = [{"level": "info", "status": 200, "event": "a b"}, {"status": 500, "event": "a&b=c d%20"}, {"status": 200, "event": "x"}]  # fmt: skip
    folder = lone_daemon.state / "logs"
    folder.mkdir(exist_ok=True)
    (folder / "api.log").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return lone_daemon


@pytest.mark.stack
@pytest.mark.parametrize("text", ["a b", "a&b=c d%20", "-x"])
def test_a_text_with_any_characters_is_searched_for_as_it_is(logged: LoneDaemon, text: str) -> None:
    done = ops(logged, "logs", "api", f"--grep={text}")
    assert done.returncode == 0, done.stderr
    assert [text in line for line in done.stdout.splitlines()] == ([] if text == "-x" else [True])


@pytest.mark.stack
def test_lines_are_counted_by_a_field(logged: LoneDaemon) -> None:
    assert ops(logged, "logs", "api", "--count-by", "status").stdout.split() == ["2", "200", "1", "500"]
    assert ops(logged, "logs", "api", "--count-by", "status", "--grep", "a b").stdout.split() == ["1", "200"]


@pytest.mark.stack
def test_what_comes_is_shown_while_it_is_followed(logged: LoneDaemon) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "console", "logs", "api", "-f", "--tail", "1"],
        env=words_of(logged), stdout=subprocess.PIPE, text=True,
    ) as following:  # fmt: skip
        assert following.stdout is not None
        assert '"x"' in following.stdout.readline()
        with (logged.state / "logs" / "api.log").open("a") as log:
            log.write("a new line\nand another\n")
        assert following.stdout.readline() == "a new line\n"
        assert following.stdout.readline() == "and another\n"
        following.terminate()


@pytest.mark.parametrize(
    ("known", "now", "new"),
    [
        ("", "ab", "ab"),
        ("abc", "abc", ""),
        ("abc", "bcde", "de"),
        ("aaa", "aaa", ""),
        ("abc", "xyz", None),
        ("abc", "", None),
    ],
)
def test_what_comes_after_is_found_where_the_two_ends_meet(known: str, now: str, new: str | None) -> None:
    found = lines_after(list(known), list(now))
    assert (None if found is None else "".join(found)) == new
