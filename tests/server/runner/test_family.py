"""Steps that fork to get away: bounded by a group of the test's own, whatever the code under test does."""

import os
import resource
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.runner.control_group import ABILITIES, Ability, ControlGroup, abilities_here, make_control_group
from server.runner.limits import StepLimits
from server.runner.process import send
from tests.server.runner.conftest import Bench

pytestmark = pytest.mark.stack

AT_MOST = 120
"""Processes that a test may have at once."""
HOP = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
until = time.monotonic() + 30
while time.monotonic() < until:
    if os.fork():
        os._exit(0)
    os.setsid()
"""
MULTIPLY = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
until = time.monotonic() + 30
while time.monotonic() < until:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
"""
USES: list[tuple[Ability, ...]] = [ABILITIES, ("kill",), ("processes",), ("freeze",), ()]


class Cage:
    """Bounds a shim and all that it starts, and knows whether anybody is left."""

    def __init__(self) -> None:
        self._group = make_control_group(f"test-{secrets.token_hex(6)}", ("processes",))
        self._group.bound(processes=AT_MOST, memory_bytes=0)

    def enter(self) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
        if "processes" in self._group.abilities:
            self._group.enter()
        else:
            if os.getuid() == 0:
                os.setgroups([])
                os.setresgid(65534, 65534, 65534)
                os.setresuid(65534, 65534, 65534)
            resource.setrlimit(resource.RLIMIT_NPROC, (AT_MOST, AT_MOST))

    def is_empty(self) -> bool:
        below = [ControlGroup((path,)) for folder in self._group.folders for path in folder.glob("step-*")]
        return not any(group.members() for group in (self._group, *below))

    def open(self) -> None:
        for folder in self._group.folders:
            for path in folder.glob("step-*"):
                end(ControlGroup((path,)))
        end(self._group)


def end(group: ControlGroup) -> None:
    group.kill()
    group.remove(within_s=5.0)


@pytest.fixture
def cage() -> Iterator[Cage]:
    made = Cage()
    yield made
    made.open()


@pytest.fixture
def caged(tmp_path: Path, cage: Cage) -> Bench:
    tmp_path.chmod(0o777)
    return Bench(tmp_path, cage.enter)


def python(text: str) -> tuple[str, ...]:
    return ("/usr/bin/env", "python3", "-S", "-c", text)


@pytest.mark.parametrize("uses", USES, ids=lambda uses: "+".join(uses) or "none")
def test_a_step_that_hops_from_process_to_process_does_not_get_away(
    caged: Bench, cage: Cage, uses: tuple[Ability, ...]
) -> None:
    status = caged.run(*python(HOP), timeout_s=5.0, abilities=uses, grace_s=0.3)
    assert (status.survivors, status.unconfirmed) == ((), False)
    assert cage.is_empty()


@pytest.mark.parametrize("uses", USES, ids=lambda uses: "+".join(uses) or "none")
def test_a_step_that_multiplies_is_ended_to_the_last(
    caged: Bench, cage: Cage, uses: tuple[Ability, ...]
) -> None:
    status = caged.run(*python(MULTIPLY), timeout_s=0.5, abilities=uses, grace_s=0.2)
    assert (status.timed_out, status.survivors, status.unconfirmed) == (True, (), False)
    assert cage.is_empty()


def test_an_end_that_nobody_can_make_certain_is_told_as_not_confirmed(caged: Bench) -> None:
    text = "trap '' TERM; while :; do sleep 0.05; done"
    status = caged.bash(text, timeout_s=0.5, abilities=(), grace_s=0.1, kill_s=0.0)
    assert status.unconfirmed
    assert status.survivors
    send(list(status.survivors), signal.SIGKILL)


def test_a_step_has_its_number_of_processes_and_not_more(caged: Bench) -> None:
    text = "for n in $(seq 20); do sleep 5 & done; wait"
    status = caged.bash(text, limits=StepLimits(processes=8), timeout_s=3.0)
    if "processes" in abilities_here() or os.getuid() != 0:
        assert b"esource temporarily unavailable" in caged.kept("stderr")
    assert status.survivors == ()


@pytest.mark.parametrize("uses", [(), ABILITIES], ids=["none", "all"])
def test_a_step_has_its_memory_and_not_more(caged: Bench, uses: tuple[Ability, ...]) -> None:
    limits = StepLimits(memory_bytes=64 * 1024**2)
    status = caged.run(*python("b = bytearray(200_000_000); print(len(b))"), limits=limits, abilities=uses)
    assert status.exit_code != 0
    assert caged.kept() == b""


def test_a_step_is_the_first_to_go_for_want_of_memory(caged: Bench) -> None:
    caged.bash("cat /proc/self/oom_score_adj")
    assert caged.kept() == b"500\n"


def test_a_service_that_a_change_started_has_the_limits_of_a_service(caged: Bench, cage: Cage) -> None:
    text = "setsid sleep 60 >/dev/null 2>&1 & echo $!"
    status = caged.bash(text, end_leftovers=False, abilities=())
    (left,) = status.survivors
    ours = int(Path("/proc/self/oom_score_adj").read_text())
    assert int(Path(f"/proc/{left}/oom_score_adj").read_text()) == max(0, ours)
    assert resource.prlimit(left, resource.RLIMIT_DATA) == resource.getrlimit(resource.RLIMIT_DATA)
    os.kill(left, 9)


def test_a_service_that_a_change_started_leaves_the_steps_groups(caged: Bench) -> None:
    status = caged.bash("setsid sleep 60 >/dev/null 2>&1 &", end_leftovers=False)
    (left,) = status.survivors
    assert [folder for folder in status.groups if Path(folder).exists()] == []
    os.kill(left, 9)
