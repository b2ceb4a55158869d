"""The shim: what it starts it also ends, and it tells the truth about how."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from server.runner.launcher import first_line, read_status
from server.runner.output_writer import HEAD, PIECE, TAIL_PIECES, read_kept
from server.runner.process import identify, is_running, stat_of
from server.runner.spec import CLAIM, STATUS_ROOM
from tests.server.runner.conftest import Bench, until

pytestmark = pytest.mark.stack


def gone(pid: int) -> bool:
    stat = stat_of(pid)
    return stat is None or stat.state == "Z"


def pid_in(bench: Bench, name: str = "pid") -> int:
    path = bench.folder / name
    until(lambda: path.exists() and path.read_text().strip() != "")
    return int(path.read_text())


def test_output_exit_code_and_session_are_told(bench: Bench) -> None:
    status = bench.bash("echo out; echo err >&2; ps -o pgid= -o sid= -p $$; exit 7")
    assert (status.phase, status.exit_code, status.signal, status.timed_out) == ("finished", 7, None, False)
    out, group, session = bench.kept().split()
    assert out == b"out"
    assert int(group) == int(session) == status.pid
    assert bench.kept("stderr") == b"err\n"


def test_stdin_is_closed_and_the_environment_is_what_was_given(bench: Bench) -> None:
    status = bench.bash("cat; env", env={"PATH": os.environ["PATH"], "ONLY": "this"})
    names = {line.split(b"=")[0] for line in bench.kept().splitlines()}
    assert status.exit_code == 0
    assert names <= {b"PATH", b"ONLY", b"PWD", b"SHLVL", b"_"}


def test_a_program_that_is_not_there_is_told_as_such(bench: Bench) -> None:
    status = bench.run("/no-such/program")
    assert (status.exit_code, status.fault) == (
        127,
        "could not be started: No such file or directory: /no-such/program",
    )


def test_death_by_a_signal_is_told(bench: Bench) -> None:
    status = bench.bash("kill -SEGV $$")
    assert (status.exit_code, status.signal) == (None, signal.SIGSEGV)


def test_a_process_that_ignores_term_is_killed_when_its_time_is_up(bench: Bench) -> None:
    status = bench.bash(
        "trap '' TERM; echo $$ > pid; while :; do sleep 1; done", cwd=str(bench.folder), timeout_s=0.5
    )
    assert (status.timed_out, status.signal, status.survivors) == (True, signal.SIGKILL, ())
    assert gone(pid_in(bench))


def test_a_process_that_obeys_term_ends_by_itself(bench: Bench) -> None:
    status = bench.bash(
        "trap 'echo bye; exit 5' TERM; while :; do sleep 0.05; done", timeout_s=0.5, grace_s=10.0
    )
    assert (status.timed_out, status.exit_code) == (True, 5)
    assert bench.kept() == b"bye\n"


def test_an_exit_while_it_is_being_ended_is_no_fault(bench: Bench) -> None:
    status = bench.bash(
        "trap 'sleep 0.2; exit 0' TERM; while :; do sleep 0.05; done", timeout_s=0.3, grace_s=10.0
    )
    assert (status.timed_out, status.exit_code, status.survivors) == (True, 0, ())


@pytest.mark.parametrize(
    "escape",
    [
        "setsid sleep 300 &",
        "(setsid sleep 300 &)",
        "setsid bash -c 'trap \"\" TERM; (sleep 300 &) ; sleep 300' &",
        "nohup setsid bash -c 'nohup sleep 300 & nohup sleep 300 &' >/dev/null 2>&1",
        "python3 -c 'import os,time\nif os.fork()==0:\n os.setsid()\n if os.fork()==0: time.sleep(300)' &",
    ],
)
def test_whoever_leaves_the_group_is_found_and_ended_too(bench: Bench, escape: str) -> None:
    mark = f"SHIM_TEST={bench.folder}"
    status = bench.bash(
        f"{escape}\nsleep 300",
        timeout_s=1.0,
        env={"PATH": os.environ["PATH"], "SHIM_TEST": str(bench.folder)},
    )
    assert (status.timed_out, status.survivors, status.escaped) == (True, (), True)
    assert processes_with(mark) == []


def processes_with(mark: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            marked = mark.encode() in path.read_bytes().split(b"\0")
        except OSError:
            continue
        if marked and not gone(int(path.parent.name)):
            found.append(int(path.parent.name))
    return found


def test_a_read_steps_leftovers_are_ended_with_it(bench: Bench) -> None:
    status = bench.bash(
        "setsid bash -c 'echo $$ > pid; exec sleep 300' & until [ -s pid ]; do sleep 0.01; done; echo done",
        cwd=str(bench.folder),
    )
    assert (status.exit_code, status.survivors, status.escaped) == (0, (), True)
    assert gone(pid_in(bench))


def test_a_changes_leftovers_are_named_and_left(bench: Bench) -> None:
    status = bench.bash(
        "setsid bash -c 'echo $$ > pid; exec sleep 300' >/dev/null 2>&1 & until [ -s pid ]; do sleep 0.01; done",
        cwd=str(bench.folder),
        end_leftovers=False,
    )
    left = pid_in(bench)
    assert (status.exit_code, status.survivors, status.escaped) == (0, (left,), True)
    os.kill(left, signal.SIGKILL)


def test_a_pipe_that_somebody_holds_open_is_not_waited_for(bench: Bench) -> None:
    status = bench.bash(
        "bash -c 'echo $$ > pid; exec sleep 300' & until [ -s pid ]; do sleep 0.01; done; echo done",
        cwd=str(bench.folder),
        end_leftovers=False,
        drain_s=0.3,
    )
    assert (status.exit_code, bench.kept()) == (0, b"done\n")
    os.kill(pid_in(bench), signal.SIGKILL)


def test_a_step_that_closes_its_output_runs_on(bench: Bench) -> None:
    status = bench.bash("exec >&- 2>&-; sleep 0.3; exit 4")
    assert (status.exit_code, bench.kept()) == (4, b"")


def test_a_request_to_end_ends_the_group(bench: Bench) -> None:
    shim = bench.start(
        bench.spec("bash", "-c", "trap '' TERM; echo $$ > pid; sleep 300 & wait", cwd=str(bench.folder))
    )
    pid = pid_in(bench)
    shim.terminate()
    shim.communicate(timeout=30)
    assert (bench.status().cancelled, bench.status().timed_out, gone(pid)) == (True, False, True)


def test_a_request_to_end_that_comes_at_once_is_not_lost(bench: Bench) -> None:
    shim = bench.start(bench.spec("sleep", "300"))
    until((bench.folder / CLAIM).exists)
    shim.terminate()
    shim.communicate(timeout=30)
    assert bench.status().cancelled


def test_the_step_outlives_whoever_started_the_shim(bench: Bench) -> None:
    shim = bench.start(
        bench.spec("bash", "-c", "until [ -e go ]; do sleep 0.01; done; echo went", cwd=str(bench.folder))
    )
    assert shim.stdout is not None
    shim.stdout.close()
    (bench.folder / "go").touch()
    until(lambda: (status := read_status(bench.folder)) is not None and status.phase == "finished")
    shim.wait(10)
    assert (bench.status().exit_code, bench.kept()) == (0, b"went\n")


def test_a_claimed_execution_is_never_run(bench: Bench) -> None:
    (bench.folder / CLAIM).touch()
    shim = bench.start(bench.spec("touch", str(bench.folder / "ran")))
    shim.communicate(timeout=30)
    assert not (bench.folder / "ran").exists()


def test_half_a_spec_runs_nothing_and_claims_nothing(bench: Bench) -> None:
    shim = bench.start(bench.spec("touch", str(bench.folder / "ran")))
    shim.communicate(timeout=30)
    other = Bench(bench.folder / "other")
    other.folder.mkdir()
    text = msgspec.json.encode(other.spec("touch", str(other.folder / "ran")))[:-5]
    ended = subprocess.run(
        [sys.executable, "-m", "server.runner.shim"], input=text, capture_output=True, check=False
    )
    assert ended.returncode != 0
    assert list(other.folder.iterdir()) == []


def test_head_and_tail_are_kept_and_the_cut_is_counted(bench: Bench) -> None:
    status = bench.bash("head -c 3000000 /dev/zero | tr '\\0' a | fold -w 99; echo the end")
    total = 3_000_000 + 3_000_000 // 99 + len("the end\n")
    head, tail = read_kept(bench.folder, "stdout", 0, limit=HEAD), read_kept(bench.folder, "stdout", HEAD)
    assert len(head.data) == HEAD
    assert tail.cut_bytes == status.cut["stdout"]
    assert HEAD + tail.cut_bytes == tail.offset
    last = read_kept(bench.folder, "stdout", total - 8)
    assert (last.data, last.next_offset) == (b"the end\n", total)
    assert len(bench.kept()) <= HEAD + TAIL_PIECES * PIECE


def test_a_full_disk_loses_output_but_not_the_step_nor_its_end(bench: Bench) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (STATUS_ROOM * 4, limit[1]))
    try:
        status = bench.bash("trap '' XFSZ; head -c 100000 /dev/zero | tr '\\0' a | fold -w 99; exit 3")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert status.exit_code == 3
    assert status.lost > 80_000


def test_a_secret_never_reaches_the_disk(bench: Bench) -> None:
    secret = "correct-horse-battery"
    bench.bash(f"printf correct-horse-; sleep 0.1; echo battery; echo {secret} | base64", secrets=(secret,))
    everything = b"".join(path.read_bytes() for path in bench.folder.iterdir())
    assert secret.encode() not in everything
    assert bench.kept().count(b"[redacted]") == 2


def test_the_pre_check_comes_first_and_a_failed_one_stops_it(bench: Bench) -> None:
    status = bench.bash("touch ran", precheck=("bash", "-c", "echo no; exit 9"), cwd=str(bench.folder))
    assert (status.precheck_failed, status.exit_code, bench.kept()) == (True, 9, b"no\n")
    assert not (bench.folder / "ran").exists()


def test_a_good_pre_check_is_followed_by_the_step(bench: Bench) -> None:
    status = bench.bash("echo acted", precheck=("echo", "fine"))
    assert (status.precheck_failed, status.exit_code, bench.kept()) == (False, 0, b"fine\nacted\n")


@pytest.mark.slow
def test_a_gigabyte_of_output_costs_a_megabyte_of_disk(bench: Bench) -> None:
    status = bench.bash("yes 'a line of ordinary output' | head -c 1000000000", timeout_s=100.0)
    assert (status.exit_code, status.timed_out) == (0, False)
    assert len(bench.kept()) <= HEAD + TAIL_PIECES * PIECE
    assert status.cut["stdout"] > 990_000_000


def test_a_process_is_not_taken_for_a_later_one_with_its_number() -> None:
    me = identify(os.getpid())
    assert me is not None
    assert is_running(me)
    assert not is_running(type(me)(me.pid, me.start_time + 1, me.boot_id))
    assert not is_running(type(me)(me.pid, me.start_time, "another boot"))


def _word_of(bench: Bench, text: str) -> bytes:
    shim = subprocess.Popen(["sh", "-c", text], stdout=subprocess.PIPE)
    assert shim.stdout is not None
    with shim, shim.stdout:
        try:
            return first_line(shim.stdout.fileno(), shim.pid, bench.folder)
        finally:
            shim.kill()


def test_a_shim_that_was_stopped_before_its_word_is_woken(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.runner.launcher._WORD_S", 0.05)
    assert _word_of(bench, "kill -STOP $$; echo here; exec sleep 60") == b"here\n"


def test_a_shim_that_has_begun_and_says_nothing_holds_up_nobody(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bench.bash("true").phase == "finished"
    monkeypatch.setattr("server.runner.launcher._WORD_S", 0.05)
    assert _word_of(bench, "exec sleep 60") == b""


def test_a_shim_that_ends_within_its_word_has_given_none(bench: Bench) -> None:
    assert _word_of(bench, "printf half") == b""
