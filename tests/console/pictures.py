"""Pictures of every screen and state of the console, in a world that stands still: `make pictures` writes them, people look."""

import argparse
import asyncio
import shutil
import subprocess
from pathlib import Path

from textual.pilot import Pilot

from tests.console.tui.test_pictures import SIZES, STATES, in_state


async def _take(folder: Path, name: str, theme: str, size: tuple[int, int]) -> None:
    async with in_state(name, size, theme) as pilot:
        _keep(pilot, folder / f"{name}-{size[0]}-{theme}")


def _keep(pilot: Pilot[None], path: Path) -> None:
    """The picture as SVG, and as PNG where librsvg's program is there."""
    svg = path.with_suffix(".svg")
    picture = pilot.app.export_screenshot(title=path.name)
    # librsvg drops a no-break space at the begin of a text; a plain one is kept where that is asked for.
    svg.write_text(picture.replace("&#160;", " ").replace("<text ", '<text xml:space="preserve" '))
    if shutil.which("rsvg-convert"):
        subprocess.run(["rsvg-convert", "-o", path.with_suffix(".png"), svg], check=True, timeout=60)


def main() -> None:
    """Write the pictures into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--themes", nargs="+", default=["dark", "light"])
    parser.add_argument("--width", type=int, nargs="+", default=[size[0] for size in SIZES])
    parser.add_argument("--states", nargs="+", choices=STATES, default=list(STATES))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for theme in options.themes:
        for size in (size for size in SIZES if size[0] in options.width):
            for name in options.states:
                asyncio.run(_take(options.folder, name, theme, size))
    print(f"{len(list(options.folder.glob('*.svg')))} pictures in {options.folder}")


if __name__ == "__main__":
    main()
