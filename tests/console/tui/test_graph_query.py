"""Facts about the line for a query: it completes the names of metrics, and nothing else."""

import pytest
from textual.widgets import Input

from console.tui.metric_suggester import MetricSuggester
from tests.console.tui.driving import see
from tests.console.tui.fixed_world import fixed_console

_NAMES = (
    "up",
    "http_requests_total",
    "http_request_duration_seconds_bucket",
    "job:http_errors:rate5m",
    "label_total",
)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("u", "up"),
        ("sum(rate(http_requests", "sum(rate(http_requests_total"),
        ("http_r", "http_request_duration_seconds_bucket"),
        ("1 - job:h", "1 - job:http_errors:rate5m"),
        ('up{job="api"} / u', 'up{job="api"} / up'),
        ('up{job="u', None),
        ("up{la", None),
        ('up{job="a", la', None),
        ("up[u", None),
        ("up", None),
        ("up ", None),
        ("", None),
        ("3u", None),
        ("U", None),
    ],
)
async def test_a_name_at_the_end_of_a_query_is_completed(typed: str, offered: str | None) -> None:
    assert await MetricSuggester(_NAMES).get_suggestion(typed) == offered


async def test_a_query_is_typed_with_the_names_that_there_are() -> None:
    async with fixed_console((120, 35)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("6")
        await see(pilot, "loop lag")
        await pilot.press("slash")
        line = pilot.app.screen.query_one("#filter", Input)
        await see(pilot, lambda _: line.suggester is not None)
        await pilot.press(*"rate(http")
        await see(pilot, "rate(http_requests_total")
        await pilot.press("right", *"[1m])")
        assert line.value == "rate(http_requests_total[1m])"


async def test_metrics_are_chosen_from_a_list() -> None:
    async with fixed_console((120, 35)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("6")
        await see(pilot, "loop lag")
        await pilot.press("m")
        await see(pilot, "which metric?")
