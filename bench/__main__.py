"""``make bench``: measures, prints, and writes the figures into PERFORMANCE_TEST_RESULTS.md."""

import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.api import Figure, measure

_FILE = Path(__file__).parent.parent / "PERFORMANCE_TEST_RESULTS.md"
_BEGIN, _END = "<!-- api:begin -->", "<!-- api:end -->"


def main() -> int:
    """Exit code 1 when a floor is missed."""
    figures = measure()
    table = _table(figures)
    quality = subprocess.run(
        [sys.executable, "-m", "bench.quality"], capture_output=True, text=True, check=False
    )
    schemas = subprocess.run(
        [sys.executable, "-m", "bench.schemas"], capture_output=True, text=True, check=False
    )
    understood = quality.stdout + schemas.stdout
    print(table)
    print(understood)
    _write(table, understood)
    return 0 if all(figure.met for figure in figures) else 1


def _table(figures: list[Figure]) -> str:
    rows = [
        f"| {f.bar} | {f.floor} | {f.aim} | {f.measured} | {'yes' if f.met else '**no**'} |" for f in figures
    ]
    return "\n".join(
        ["| bar | at least | aim | measured: median (spread) | met |", "|---|---|---|---|---|", *rows]
    )


def _write(table: str, quality: str) -> None:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    about = (
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC by `make bench`: Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, the load generator and PostgreSQL on the same cores, load averages at the end {load}."
    )
    understood = (
        f"\n\nThe local provider (`python -m bench.quality`, `python -m bench.schemas`):\n\n```\n{quality.strip()}\n```"
        if quality
        else ""
    )
    section = f"{_BEGIN}\n## API\n\n{about}\n\n{table}{understood}\n{_END}"
    text = _FILE.read_text() if _FILE.exists() else "# Performance test results\n"
    pattern = re.compile(re.escape(_BEGIN) + ".*?" + re.escape(_END), re.DOTALL)
    text = pattern.sub(lambda _: section, text) if pattern.search(text) else f"{text.rstrip()}\n\n{section}\n"
    _FILE.write_text(text)


if __name__ == "__main__":
    sys.exit(main())
