"""Facts about widths: more of them never show less of the alerts, and three columns stand beside each other where they fit."""

import re

import pytest

from alerts.wire import AlertView
from tests.console.builders import alert
from tests.console.tui.driving import screen_text, see
from tests.console.tui.fixed_world import FixedClient, fixed_console

_WORDS = [f"w{i:02}" for i in range(26)]
"""As a summary 103 cells wide: nobody writes longer ones, and 80 columns do not hold it."""


class ManyWords(FixedClient):
    """Twenty alerts, each of whose summaries is long."""

    many = 12

    def fixed_alerts(self) -> tuple[AlertView, ...]:
        """What is on the board."""
        return tuple(
            alert(f"A{n:02}", n=n, annotations={"summary": f"{' '.join(_WORDS)} e{n:02}"})
            for n in range(self.many)
        )


def _words_of_each(text: str, many: int) -> list[int]:
    """Of every alert that is shown, how many words of its summary are to be read."""
    counts: list[int] = []
    for line in text.split("\n")[3:]:
        row = line.split("││")[0]
        if re.search(r" A\d\d ", row):
            counts.append(0)
        elif counts and not re.search(r"^│ {9,}\S", row):
            break
        if counts:
            counts[-1] += len(re.findall(r"\bw\d\d\b", row))
    return counts[:many]


@pytest.mark.parametrize("height", [24, *(pytest.param(rows, marks=pytest.mark.slow) for rows in (35, 60))])
@pytest.mark.parametrize("many", [12, 40])
async def test_more_width_never_shows_less_of_an_alert(height: int, many: int) -> None:
    client = ManyWords()
    client.many = many
    seen: dict[int, int] = {}
    async with fixed_console((80, height), client=client) as pilot:
        await see(pilot, f"{many} alerts")
        for width in sorted({*range(80, 201, 10), 119, 189, 199}):
            await pilot.resize_terminal(width, height)
            await pilot.pause(0.2)
            each = _words_of_each(screen_text(pilot), many)
            assert len(each) >= 9, (width, screen_text(pilot))
            seen[width] = min(each)
    assert list(seen.values()) == sorted(seen.values()), seen
    assert seen[200] == len(_WORDS), seen


def _rows(text: str) -> int:
    return len(re.findall(r"^│.{30,40} A\d\d ", text, re.MULTILINE))


@pytest.mark.parametrize("height", [30, *(pytest.param(rows, marks=pytest.mark.slow) for rows in (35, 60))])
async def test_more_width_never_shows_fewer_alerts(height: int) -> None:
    client = ManyWords()
    client.many = 80
    async with fixed_console((80, height), client=client) as pilot:
        narrow = _rows(await see(pilot, "80 alerts"))
        assert narrow >= height - 13
        for width in (119, 120, 160, 200):
            await pilot.resize_terminal(width, height)
            await see(pilot, lambda text: _rows(text) >= narrow)
        await pilot.press("r")
        await see(pilot, lambda text: 0 < _rows(text) <= height // 2 and "its incident: timeline" in text)
        await pilot.press("q")
        await see(pilot, lambda text: _rows(text) >= narrow)


async def test_three_columns_stand_beside_each_other_where_all_alerts_fit() -> None:
    async with fixed_console((200, 60)) as pilot:
        await see(pilot, "8 alerts")
        text = await see(
            pilot, lambda text: "following" in text and "cache hits" in text and "I look" in text
        )
        assert "incident 1 · nobody is on it" in text
        assert "log api" in text
    crowded = ManyWords()
    crowded.many = 40
    async with fixed_console((200, 60), client=crowded) as pilot:
        await see(pilot, "40 alerts")
        await see(pilot, lambda text: "following" not in text)


async def test_at_120_columns_one_graph_stands_below_the_output() -> None:
    async with fixed_console((120, 35)) as pilot:
        text = await see(pilot, lambda text: "calls 0.8/s" in text and "top" in text)
        assert "P95 " not in text.split("APIDown · incident")[1]


async def test_what_was_read_is_folded_once_a_step_is_chosen() -> None:
    async with fixed_console((120, 35)) as pilot:
        await see(pilot, "Every caller is refused")
        await pilot.press("r", "g", "ctrl+u", "ctrl+u")
        text = await see(pilot, "read; f unfolds")
        assert "Every caller is refused" not in text
        await pilot.press("f")
        await see(pilot, lambda text: "read; f unfolds" not in text)


async def test_a_filter_s_fault_is_told_until_the_filter_is_right() -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("slash", *"is", "colon", *"mainten")
        await see(pilot, "is:mainten is unknown")
        await pilot.press(*"ance")
        await see(pilot, lambda text: "is unknown" not in text and "1 of 8" in text)


async def test_a_warning_of_the_header_has_room_before_counts_of_the_list() -> None:
    async with fixed_console((80, 24), meta={"temporary_changes": 2}) as pilot:
        text = await see(pilot, "2 temporary")
        assert "CRIT 1 WARN 2 muted 3" in text
    async with fixed_console((100, 24), meta={"temporary_changes": 2}) as pilot:
        text = await see(pilot, "2 temporary")
        assert "INFO 0 ack 1 muted 3" in text


async def test_on_a_narrow_screen_an_output_leaves_the_runbook_its_steps_one_a_line() -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("r", "k", "r")
        text = await see(pilot, lambda text: "in doubt" in text and "f text" in text)
        for step in ("check-process", "read-log", "check-health", "start-api", "restart-api", "verify"):
            assert re.search(rf"^│ [ ▶] {step} ", text, re.MULTILINE), text
        assert "ops act start-api" not in text
        await pilot.press("f")
        await see(pilot, "ops logs api --tail 40")
        await pilot.press("f")
        await see(pilot, lambda text: "ops logs api --tail 40" not in text)
