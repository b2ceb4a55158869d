"""Facts about runbooks in the console and on the command line: edited under its eyes, broken, proven."""

import os
import subprocess
from pathlib import Path

import pytest

from runbooks.wire import DrillReport
from tests.console.conftest import LoneDaemon
from tests.console.tui.driving import console_on, see
from tests.forked_program import run_ops

pytestmark = pytest.mark.stack


def _edit(daemon: LoneDaemon, old: str, new: str, name: str = "APIDown.md") -> None:
    path = daemon.shelf / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def _ops(daemon: LoneDaemon, *words: str) -> subprocess.CompletedProcess[str]:
    token = (daemon.state / "tokens" / "admin").read_text().strip()
    place = ("--url", f"http://127.0.0.1:{daemon.port}", "--token", token)
    return run_ops(*words, *place, env=os.environ, cwd=Path(__file__).parent)


async def test_a_runbook_edited_on_disk_is_shown_anew_with_the_cursor_on_its_step(
    daemon_with_shelf: LoneDaemon,
) -> None:
    daemon_with_shelf.post_alert()
    async with console_on(daemon_with_shelf.client()) as pilot:
        await see(pilot, "APIDown is there")
        await pilot.press("r")
        await see(pilot, "▶ check-process")
        await pilot.press("j")
        await see(pilot, "▶ read-log")
        _edit(daemon_with_shelf, "Does its log say why?", "What does the log say?")
        text = await see(pilot, "What does the log say?")
        assert "▶ read-log" in text


async def test_a_key_pressed_on_text_that_is_no_longer_there_runs_nothing(
    daemon_with_shelf: LoneDaemon,
) -> None:
    daemon_with_shelf.post_alert()
    async with console_on(daemon_with_shelf.client()) as pilot:
        await see(pilot, "APIDown is there")
        await pilot.press("r")
        await see(pilot, "▶ check-process")
        _edit(daemon_with_shelf, "ops ps", "ops ps --json")
        await pilot.press("r")
        await see(pilot, "APIDown has changed")
        assert daemon_with_shelf.client().executions() == ()


async def test_a_change_confirmed_on_the_old_text_is_refused(daemon_with_shelf: LoneDaemon) -> None:
    daemon_with_shelf.post_alert()
    async with console_on(daemon_with_shelf.client()) as pilot:
        await see(pilot, "APIDown is there")
        await pilot.press("r")
        await see(pilot, "check-process")
        await pilot.press("j", "j", "j", "j", "r")
        await see(pilot, "anything else  cancel")
        _edit(daemon_with_shelf, "ops act start-api", "ops act restart-redis")
        await pilot.pause(0.3)
        await pilot.press("y")
        await see(pilot, "has changed since")
        assert daemon_with_shelf.client().executions() == ()


async def test_a_block_broken_on_disk_is_named_with_its_line_and_the_rest_can_still_be_run(
    daemon_with_shelf: LoneDaemon,
) -> None:
    daemon_with_shelf.post_alert()
    async with console_on(daemon_with_shelf.client()) as pilot:
        await see(pilot, "APIDown is there")
        await pilot.press("r")
        await see(pilot, "check-process")
        _edit(daemon_with_shelf, '"kind":"read"', '"kind":"reed"')
        await pilot.press("ctrl+u", "ctrl+u", "ctrl+u")
        text = await see(pilot, "kind is 'reed'")
        assert "! line 23: step check-process" in text
        await pilot.press("g")
        await see(pilot, "▶ read-log")


def test_the_list_names_what_is_broken_and_hides_nothing(daemon_with_shelf: LoneDaemon) -> None:
    _edit(daemon_with_shelf, '"kind":"read"', '"kind":"reed"')
    _edit(daemon_with_shelf, "---", "+++", "RedisDown.md")
    said = _ops(daemon_with_shelf, "runbooks", "list").stdout
    assert (
        "! APIDown.md: line 23: step check-process: kind is 'reed'; one of read, change, destructive" in said
    )
    assert "! RedisDown.md: line 1: no front matter" in said
    assert (
        len(
            [
                line
                for line in said.splitlines()
                if line.startswith(("APIDown ", "RedisDown ", "HighLatency "))
            ]
        )
        == 3
    )


def test_the_list_says_when_the_actions_cannot_be_read(daemon_with_shelf: LoneDaemon) -> None:
    (daemon_with_shelf.shelf / "actions.yml").write_text("start-api: {kind: sideways}")
    assert (
        "! actions.yml: start-api: kind is 'sideways'" in _ops(daemon_with_shelf, "runbooks", "list").stdout
    )


async def test_when_a_runbook_was_proven_stands_in_the_list_and_on_top_of_it(
    daemon_with_shelf: LoneDaemon,
) -> None:
    client = daemon_with_shelf.client()
    digest = client.runbook("APIDown").digest
    assert "never" in _ops(daemon_with_shelf, "runbooks", "list").stdout
    report = DrillReport(
        alert="APIDown", runbook="APIDown", digest=digest, passed=True, resolved_s=9, mttr_target_s=300
    )
    client.report_drill(report)
    daemon_with_shelf.post_alert()
    async with console_on(daemon_with_shelf.client()) as pilot:
        await see(pilot, "APIDown is there")
        await pilot.press("r")
        await see(pilot, "check-process")
        await pilot.press("ctrl+u", "ctrl+u", "ctrl+u")
        await see(pilot, lambda text: "proven: drill" in text and "changed since" not in text)
        _edit(daemon_with_shelf, "## Overview", "Anew.\n\n## Overview")
        await see(pilot, "ago, changed since")
    said = _ops(daemon_with_shelf, "runbooks", "show", "APIDown").stdout
    assert "by admin: cured by its steps in 9 s of 300 s" in said
