"""Pictures of every screen and state of the console, on a throw-away daemon: `make pictures` writes them, people look."""

import argparse
import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from textual.pilot import Pilot

from console.tui.app import ConsoleApp
from tests.console.conftest import LoneDaemon
from tests.console.tui.driving import see
from tests.stackwork import end_whoever_knows

_SIZES = ((80, 24), (120, 35), (200, 60))
_STATES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("board", (), "APIDown is there"),
    ("reading", ("r",), "run step"),
    ("details", ("d",), "LABELS"),
    ("silence", ("s",), "for how long"),
    ("incidents", ("2",), "STATE"),
    ("incident", ("enter",), "detected"),
    ("runs", ("3",), "nothing has been run"),
    ("services", ("4",), "parts of the ops daemon"),
    ("logs", ("5",), "TIME"),
    ("graphs", ("6",), "loop lag"),
    ("windows", ("7",), "on call"),
    ("go", ("colon",), "type to search"),
    ("help", ("question_mark",), "EVERYWHERE"),
)
"""Name, keys that lead there, words that say that it is there."""


async def _take(daemon: LoneDaemon, folder: Path, theme: str, size: tuple[int, int]) -> None:
    for name, keys, words in _STATES:
        app = ConsoleApp(daemon.client(), bell=False, theme=theme)
        async with app.run_test(size=size) as pilot:
            await see(pilot, "APIDown is there")
            await pilot.press(*keys)
            await see(pilot, words)
            _keep(pilot, folder / f"{name}-{size[0]}-{theme}")


async def _take_quiet(daemon: LoneDaemon, folder: Path, theme: str, size: tuple[int, int]) -> None:
    app = ConsoleApp(daemon.client(), bell=False, theme=theme)
    async with app.run_test(size=size) as pilot:
        await see(pilot, "all clear")
        _keep(pilot, folder / f"quiet-{size[0]}-{theme}")


def _keep(pilot: Pilot[None], path: Path) -> None:
    """The picture as SVG, and as PNG where librsvg's program is there."""
    svg = path.with_suffix(".svg")
    picture = pilot.app.export_screenshot(title=path.name)
    # librsvg drops a no-break space at the begin of a text; a plain one is kept where that is asked for.
    svg.write_text(picture.replace("&#160;", " ").replace("<text ", '<text xml:space="preserve" '))
    if shutil.which("rsvg-convert"):
        subprocess.run(["rsvg-convert", "-o", path.with_suffix(".png"), svg], check=True, timeout=60)


async def _all(folder: Path, themes: Sequence[str], sizes: Sequence[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory(prefix="ops-pictures-") as state:
        daemon = LoneDaemon(Path(state))
        try:
            for theme in themes:
                for size in sizes:
                    await _take_quiet(daemon, folder, theme, size)
            daemon.post_alert()
            daemon.post_alert("HighAuthFailures", severity="warning")
            for theme in themes:
                for size in sizes:
                    await _take(daemon, folder, theme, size)
        finally:
            daemon.kill()
            end_whoever_knows(Path(state))


def main() -> None:
    """Write the pictures into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--themes", nargs="+", default=["dark", "light"])
    parser.add_argument("--width", type=int, nargs="+", default=[size[0] for size in _SIZES])
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_all(options.folder, options.themes, [s for s in _SIZES if s[0] in options.width]))
    print(f"{len(list(options.folder.glob('*.svg')))} pictures in {options.folder}")


if __name__ == "__main__":
    main()
