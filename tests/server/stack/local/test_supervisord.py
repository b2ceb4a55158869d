"""Facts about supervisord: every value of its file arrives as it was meant, and one that is ending is waited for."""

import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from supervisor.datatypes import dict_of_key_value_pairs

from server.stack.layout import Layout
from server.stack.local.lifecycle import bring_up, stale, take_down
from server.stack.local.polling import wait_until
from server.stack.local.programs import Program
from server.stack.local.supervisord import (
    BeingStoppedError,
    find_orphans,
    list_services,
    start_supervisord,
    supervisor,
    write_config,
)


@pytest.mark.parametrize("value", ["plain", "two words, and a comma", '[{"name":"primary"}]', "it's"])
def test_a_value_of_the_environment_survives_its_quotes(value: str) -> None:
    with tempfile.TemporaryDirectory(
        prefix="sps-", dir="/tmp"
    ) as folder:  # short, so that its sockets' folder is inside
        _assert_arrives(Layout.at(Path(folder), 40_000), value)


def _assert_arrives(layout: Layout, value: str) -> None:
    layout.run.mkdir(parents=True)
    write_config(layout, [Program(name="api", argv=("true",), env={"VALUE": value})])
    lines = layout.supervisor_config.read_text().splitlines()
    environment = next(line for line in lines if line.startswith("environment="))
    assert dict_of_key_value_pairs(environment.removeprefix("environment=")) == {"VALUE": value}


_STUBBORN = """
import signal, threading
told = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: told.set())
print("there", flush=True)
told.wait(60)
threading.Event().wait(1.5)
"""
"""A service that takes its time to end."""


@pytest.fixture
def being_stopped() -> Iterator[Layout]:
    """A stack that somebody else stops: its supervisord answers nothing but that it ends."""
    with tempfile.TemporaryDirectory(prefix="sps-", dir="/tmp") as folder:
        layout = Layout.at(Path(folder), 40_000)
        layout.run.mkdir(parents=True)
        script = layout.state / "stubborn.py"
        script.write_text(_STUBBORN)
        stubborn = Program(name="api", argv=(sys.executable, str(script)), env={})
        write_config(layout, [stubborn])
        start_supervisord(layout)
        layout.remember()
        try:
            assert wait_until(lambda: "there" in layout.log("api").read_text(), timeout_s=20)
            supervisor(layout).shutdown()
            yield layout
        finally:
            take_down(layout)


def test_services_of_a_stack_that_is_being_stopped_are_refused_in_words(being_stopped: Layout) -> None:
    with pytest.raises(BeingStoppedError, match="is being stopped"):
        list_services(being_stopped)


def test_a_second_stop_waits_for_the_first_and_leaves_nothing(being_stopped: Layout) -> None:
    threads = [threading.Thread(target=take_down, args=(being_stopped,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stale(being_stopped) == []


def test_a_start_waits_for_the_stop_before_it(being_stopped: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    class _Reached(Exception):
        """What comes after the wait is not looked at here."""

    def reached(_: Layout) -> None:
        raise _Reached

    monkeypatch.setattr("server.stack.local.lifecycle._check_ports", reached)
    with pytest.raises(_Reached):
        bring_up(being_stopped, said.append, {})
    assert said == ["the stack that ran here is being stopped; waiting for it"]


@pytest.mark.parametrize("question", ["environ", "cmdline", "name"])
def test_a_process_that_ends_while_it_is_looked_at_is_no_orphan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    def ended(process: psutil.Process) -> None:
        raise psutil.NoSuchProcess(process.pid)

    monkeypatch.setattr(psutil.Process, question, ended)
    assert find_orphans(Layout.at(tmp_path, 40_000)) == []
