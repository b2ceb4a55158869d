"""The light load test: five callers by locust, or where that is not installed ten calls a second of our own."""

import asyncio
import csv
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from server.paths import LOAD_TEST
from server.stack.verify.constant_rate import ConstantRate, drive

_RATE = 10.0
SECONDS = 60


class Light(NamedTuple):
    """What came of a light load."""

    requests: int
    failures: int
    p95_ms: float
    made_by: str

    @property
    def good(self) -> bool:
        """Whether there were requests, and none failed."""
        return self.requests > 0 and self.failures == 0

    def __str__(self) -> str:
        return (
            f"requests {self.requests}, failures {self.failures}, p95 {self.p95_ms:.0f} ms ({self.made_by})"
        )


class NoResultError(Exception):
    """The load generator wrote none; the message says why."""


def light_load(api_url: str, key: str, *, seconds: int = SECONDS, users: int = 5) -> Light:
    """Load the API for so many seconds. Raises ``NoResultError``."""
    if importlib.util.find_spec("locust") is not None and LOAD_TEST.exists():
        return _by_locust(api_url, key, seconds, users)
    count = asyncio.run(drive(ConstantRate(api_url, key, _RATE), seconds, None))
    return Light(
        count.sent, count.sent - count.good, count.p95_ms, f"{_RATE:.0f} a second; locust is not installed"
    )


def _by_locust(api_url: str, key: str, seconds: int, users: int) -> Light:
    with tempfile.TemporaryDirectory(prefix="ops-load-") as folder:
        try:
            done = subprocess.run(
                [
                    sys.executable, "-m", "locust", "-f", str(LOAD_TEST), "--host", api_url, "--headless", "--only-summary",
                    "--users", str(users), "--spawn-rate", str(users), "--run-time", f"{seconds}s", "--csv", f"{folder}/load",
                ],
                env={**os.environ, "API_KEY": key}, capture_output=True, text=True, errors="replace", timeout=seconds + 60, check=False,
            )  # fmt: skip
            with (Path(folder) / "load_stats.csv").open(newline="") as file:
                total = next(row for row in csv.DictReader(file) if row["Name"] == "Aggregated")
        except subprocess.TimeoutExpired as error:
            raise NoResultError(f"locust did not end within {seconds + 60} s") from error
        except (OSError, StopIteration) as error:
            last = (done.stderr.strip().splitlines() or [str(error)])[-1]
            raise NoResultError(f"locust wrote no result ({last})") from error
    return _summed_up(total, f"{users} callers, {seconds} s")


def _summed_up(total: dict[str, str], made_by: str) -> Light:
    """What the row of all requests says; locust writes ``N/A`` for the percentiles of none."""
    requests = int(total["Request Count"])
    if not requests:
        raise NoResultError(f"no request had ended when the time was over ({made_by}); give it longer")
    return Light(requests, int(total["Failure Count"]), float(total["95%"]), made_by)
