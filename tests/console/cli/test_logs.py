"""Facts about `ops logs`, of a daemon elsewhere as of the stack here."""

import json
import os
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cli.services.log_source import lines_after
from console.text.log_line import in_order, read_lines
from tests.console.cli.terminal_run import at_terminal
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
def test_columns_are_shown_in_a_pipe_too_and_one_that_is_not_there_is_refused(logged: LoneDaemon) -> None:
    (logged.state / "logs" / "api.log").write_text(
        '{"timestamp": "2026-01-31T09:00:00Z", "level": "ERROR", "message": "it is full"}\n'
    )
    words = ("logs", "api", "--columns", "message,level")
    assert ops(logged, *words).stdout == "MESSAGE     LEVEL\nit is full  ERROR\n"
    for odd in (("--columns", "odd"), ("--columns", ","), ("--columns", "level", "--json")):
        assert ops(logged, "logs", "api", *odd).returncode == 2
    with subprocess.Popen(
        [sys.executable, "-m", "console", *words, "-f"],
        env=words_of(logged),
        stdout=subprocess.PIPE,
        text=True,
    ) as following:
        assert following.stdout is not None
        assert following.stdout.readline().split("  ")[0] == "it is full"
        following.terminate()


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


_API = [
    '{"level":"INFO","message":"INFO GET / 200","timestamp":"2026-01-31T09:00:00.100Z","request_id":"r-1","status":200}',
    '{"level":"ERROR","message":"ERROR it broke","timestamp":"2026-01-31T09:00:02.000Z","logger":"http"}',
]
_POSTGRES = [
    "2026-01-31 09:00:01.000 UTC [77] LOG:  checkpoint",
    "2026-01-31 09:00:01.500 UTC [77] ERROR:  deadlock",
    "2026-01-31 09:00:01.500 UTC [77] DETAIL:  who waits",
]
_REDIS = ["77:M 31 Jan 2026 09:00:00.500 # low memory", "77:M 31 Jan 2026 09:00:03.000 * saved"]
_OPS = ["2026-01-31 09:00:02,500 ERROR loops look: it failed", "Traceback (most recent call last):", "ValueError: no"]  # fmt: skip


@pytest.fixture
def four(lone_daemon: LoneDaemon) -> LoneDaemon:
    """With logs of four services, each in its own form."""
    folder = lone_daemon.state / "logs"
    folder.mkdir(exist_ok=True)
    for name, lines in (("api", _API), ("postgres", _POSTGRES), ("redis", _REDIS), ("ops", _OPS)):
        (folder / f"{name}.log").write_text("".join(f"{line}\n" for line in lines))
    return lone_daemon


@pytest.mark.stack
def test_several_logs_are_shown_by_time(four: LoneDaemon) -> None:
    done = ops(four, "logs", "api", "postgres", "redis")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"api       {_API[0]}",
        f"redis     {_REDIS[0]}",
        *(f"postgres  {line}" for line in _POSTGRES),
        f"api       {_API[1]}",
        f"redis     {_REDIS[1]}",
    ]
    last = ops(four, "logs", "api", "postgres", "--tail", "2").stdout.splitlines()
    assert last == [f"postgres  {_POSTGRES[2]}", f"api       {_API[1]}"]


@pytest.mark.stack
def test_logs_are_narrowed_by_level_and_time(four: LoneDaemon) -> None:
    assert ops(four, "logs", "api", "--level", "error").stdout == f"{_API[1]}\n"
    assert ops(four, "logs", "redis", "--level", "warning").stdout == f"{_REDIS[0]}\n"
    # What belongs to a line goes with it.
    assert ops(four, "logs", "ops", "--level", "error").stdout.splitlines() == _OPS
    assert ops(four, "logs", "postgres", "--since", "2026-01-31T09:00:01.2Z").stdout.splitlines() == _POSTGRES[1:]  # fmt: skip
    assert ops(four, "logs", "api", "--since", "2026-01-31T10:00Z").stdout == ""


@pytest.mark.stack
def test_each_line_is_json_with_its_service(four: LoneDaemon) -> None:
    lines = [json.loads(line) for line in ops(four, "logs", "api", "redis", "--json").stdout.splitlines()]
    assert lines[0] == {"service": "api", **json.loads(_API[0])}
    assert lines[1] == {
        "service": "redis",
        "timestamp": "2026-01-31T09:00:00.500000Z",
        "level": "WARNING",
        "message": _REDIS[0],
    }


@pytest.mark.stack
def test_at_a_terminal_lines_are_columns(four: LoneDaemon) -> None:
    code, text = at_terminal(
        [sys.executable, "-m", "console", "logs", "api", "redis", "ops"],
        words_of(four, NO_COLOR="1"),
        columns=120,
    )
    assert code == 0
    assert [line.split() for line in text.splitlines()] == [
        ["TIME", "SERVICE", "LEVEL", "LOGGER", "REQUEST", "MESSAGE"],
        ["09:00:00.100", "api", "r-1", "GET", "/", "200"],
        ["09:00:00.500", "redis", "WARNING", "77:M", "low", "memory"],
        ["09:00:02.000", "api", "ERROR", "http", "it", "broke"],
        ["09:00:02.500", "ops", "ERROR", "loops", "look:", "it", "failed"],
        ["09:00:02.500", "ops", "ERROR", "Traceback", "(most", "recent", "call", "last):"],
        ["09:00:02.500", "ops", "ERROR", "ValueError:", "no"],
        ["09:00:03.000", "redis", "77:M", "saved"],
    ]


@pytest.mark.stack
def test_a_log_that_is_not_there_hides_no_other(four: LoneDaemon) -> None:
    done = ops(four, "logs", "api", "status", "--tail", "1")
    assert done.returncode != 0
    assert "status" in done.stderr
    assert done.stdout == f"api     {_API[1]}\n"
    every = ops(four, "logs")
    assert len(every.stdout.splitlines()) == 10


@pytest.mark.stack
def test_several_are_followed_by_time_and_then_as_they_come(four: LoneDaemon) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "console", "logs", "api", "redis", "-f"],
        env=words_of(four), stdout=subprocess.PIPE, text=True,
    ) as following:  # fmt: skip
        assert following.stdout is not None
        first = [following.stdout.readline().split()[0] for _ in range(4)]
        assert first == ["api", "redis", "api", "redis"]
        with (four.state / "logs" / "redis.log").open("a") as log:
            log.write("77:M 31 Jan 2026 09:00:04.000 * again\n")
        assert "again" in following.stdout.readline()
        following.terminate()


@pytest.mark.stack
def test_logs_of_a_stack_that_is_here_are_read_while_its_daemon_is_down(four: LoneDaemon) -> None:
    four.kill()
    done = subprocess.run(
        [sys.executable, "-m", "console", "--state", str(four.state), "logs", "api", "redis", "--tail", "1"],
        env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, f"redis  {_REDIS[1]}\n"), done.stderr
    none = subprocess.run(
        [sys.executable, "-m", "console", "--state", str(four.state), "logs", "status", "--json"],
        env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (none.returncode, json.loads(none.stdout)["error"]["type"]) == (2, "not_found"), none.stderr


@given(st.lists(st.text(max_size=30), max_size=20))
def test_whatever_a_log_holds_is_read_and_stays_in_its_order(raw: list[str]) -> None:
    lines = list(read_lines("api", raw))
    assert [line.raw for line in lines] == raw
    assert [line.raw for line in in_order([lines])] == raw


@pytest.mark.parametrize(
    ("raw", "here", "elsewhere"),
    [
        ("77:M 26 Nov 2026 13:35:37.953 * Ready", "04:35:37", "13:35:37"),
        ("2026-11-26 13:35:37,756 INFO Set uid", "04:35:37", "13:35:37"),
        ("2026-11-26 13:35:37.937 UTC [11712] LOG:  starting", "13:35:37", "13:35:37"),
        ('{"timestamp": "2026-11-26T13:35:37+00:00", "message": "x"}', "13:35:37", "13:35:37"),
    ],
)
def test_a_time_without_a_zone_is_of_the_machine_that_wrote_it(
    monkeypatch: pytest.MonkeyPatch, raw: str, here: str, elsewhere: str
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        for is_here, clock in ((True, here), (False, elsewhere)):
            (line,) = read_lines("redis", [raw], is_here=is_here)
            assert line.at is not None
            assert f"{line.at:%H:%M:%S}" == clock
    finally:
        monkeypatch.undo()
        time.tzset()
