"""A thousand events a second for as long as is asked: keys are answered, memory is flat, the last list is the daemon's."""

import asyncio
import json
import time
import urllib.request
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from console.tui.screens.board_screen import BoardScreen
from console.tui.widgets.board import AlertBoard
from tests.console.conftest import LoneDaemon
from tests.console.tui.driving import console_on, see

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.timeout(0)]
_ALERTS, _AT_ONCE, _EVERY_S = 2_000, 100, 0.1
_MIB = 1 << 20
_WARM_SHARE = 0.3
"""By when everything that is kept has been made once."""


def _post(daemon: LoneDaemon, turn: int) -> None:
    """A hundred alerts with another summary; every tenth turn some of them are over."""
    now = datetime.now(UTC)
    first = turn * _AT_ONCE % _ALERTS
    alerts = [
        {
            "labels": {"alertname": f"Soak{n % 7}", "instance": f"host-{n}", "severity": ("critical", "warning", "info")[n % 3]},
            "annotations": {"summary": f"turn {turn}"},
            "startsAt": (now - timedelta(seconds=60)).isoformat(),
            "endsAt": (now if turn % 10 == 9 and n % 5 == 0 else now + timedelta(minutes=30)).isoformat(),
        }
        for n in range(first, first + _AT_ONCE)
    ]  # fmt: skip
    token = (daemon.state / "tokens" / "ingest").read_text().strip()
    request = urllib.request.Request(
        f"http://127.0.0.1:{daemon.port}/api/v2/alerts",
        data=json.dumps(alerts).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 200


async def test_a_storm_of_a_thousand_events_a_second_is_shown_to_its_end(
    lone_daemon: LoneDaemon, request: pytest.FixtureRequest
) -> None:
    seconds = float(request.config.getoption("--soak-minutes")) * 60
    for turn in range(_ALERTS // _AT_ONCE):
        await asyncio.to_thread(_post, lone_daemon, turn)
    memory = psutil.Process().memory_info
    async with console_on(lone_daemon.client()) as pilot:
        await see(pilot, f"{_ALERTS} alerts", within=600)
        board = pilot.app.screen_stack[0]
        assert isinstance(board, BoardScreen)
        rows = board.query_one("#list", AlertBoard)
        begun, turn, warm = time.monotonic(), 0, 0
        while time.monotonic() - begun < seconds:
            posting = asyncio.create_task(asyncio.to_thread(_post, lone_daemon, turn))
            turn += 1
            # By the clock, not by the pause: a late turn is followed at once, so that the rate holds.
            await pilot.pause(max(0.0, begun + turn * _EVERY_S - time.monotonic()))
            await posting
            if turn % 10 == 0:
                before = rows.cursor_alert
                await pilot.press("j" if turn % 20 else "k")
                assert rows.cursor_alert is not before
            if not warm and time.monotonic() - begun > seconds * _WARM_SHARE:
                warm = memory().rss
        await pilot.press("G")
        assert (memory().rss - warm) / _MIB < 30
        expected = {
            a.fingerprint: (a.version, a.state, a.annotations)
            for a in await asyncio.to_thread(lambda: lone_daemon.client().alerts(everything=True))
        }

        def shown(_: str) -> bool:
            known = board.situation.board.alerts.rows
            return {f: (a.version, a.state, a.annotations) for f, a in known.items()} == expected

        await see(pilot, shown, within=600)
    print(f"{turn * _AT_ONCE / seconds:.0f} events a second, {memory().rss / _MIB:.0f} MiB")
