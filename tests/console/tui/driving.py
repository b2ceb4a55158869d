"""Driving the console in a test: a real daemon behind it, keys in, the text of the screen out."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from console.ops_api.client import OpsClient
from console.tui.app import ConsoleApp


@asynccontextmanager
async def console_on(
    client: OpsClient, size: tuple[int, int] = (80, 24), **options: Any
) -> AsyncIterator[Pilot[None]]:
    """The console on a daemon."""
    async with ConsoleApp(client, bell=False, **options).run_test(size=size) as pilot:
        yield pilot


def screen_text(pilot: Pilot[None]) -> str:
    """The text on the screen, line by line."""
    height = pilot.app.size.height
    lines = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in lines[:height])


async def see(pilot: Pilot[None], words: str | Callable[[str], bool], *, within: int = 200) -> str:
    """Let the app run until the screen has these words."""
    holds = words if callable(words) else lambda text: words in text
    for _ in range(within):
        text = screen_text(pilot)
        if holds(text):
            return text
        await pilot.pause(0.05)
    raise AssertionError(f"{words!r} did not come; the screen is\n{screen_text(pilot)}")


async def agree(pilot: Pilot[None], key: str = "y") -> None:
    """Answer the question at hand once it listens: keys that were typed ahead of it count for nothing."""
    dialog = pilot.app.screen
    for _ in range(400):
        if pilot.app.screen is not dialog:
            return
        # Once it is sent another key may already be the screen's below.
        if not getattr(dialog, "was_sent", False):
            await pilot.press(key)
        await pilot.pause(0.05)
    raise AssertionError(f"the question did not take the answer; the screen is\n{screen_text(pilot)}")
