"""The light load test after an incident: five callers for a minute, by locust."""

import csv
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_FILE = Path(__file__).resolve().parents[2] / "load_tests" / "baseline_test.py"
SECONDS = 60


class NoLocust(Exception):
    """The load generator is not installed, or the load test is not in this checkout."""


def light_load(api_url: str, key: str, *, seconds: int = SECONDS, users: int = 5) -> tuple[int, int, float]:
    """Requests, failures and the 95th percentile in milliseconds. Raises ``NoLocust``."""
    if importlib.util.find_spec("locust") is None or not _FILE.exists():
        raise NoLocust("locust is not installed; pip install -e '.[bench]' in this checkout")
    with tempfile.TemporaryDirectory(prefix="ops-load-") as folder:
        subprocess.run(
            [
                sys.executable, "-m", "locust", "-f", str(_FILE), "--host", api_url, "--headless", "--only-summary",
                "--users", str(users), "--spawn-rate", "1", "--run-time", f"{seconds}s", "--csv", f"{folder}/load",
            ],
            env={**os.environ, "API_KEY": key}, capture_output=True, timeout=seconds + 60, check=False,
        )  # fmt: skip
        return _total(Path(folder) / "load_stats.csv")


def _total(path: Path) -> tuple[int, int, float]:
    try:
        with path.open(newline="") as file:
            total = next(row for row in csv.DictReader(file) if row["Name"] == "Aggregated")
    except (OSError, StopIteration) as error:
        raise NoLocust(f"locust wrote no result ({error})") from error
    return int(total["Request Count"]), int(total["Failure Count"]), float(total["95%"])
