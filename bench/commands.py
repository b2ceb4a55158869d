"""How long a command that only reads takes beyond the network: from its start to its end, less one bare call."""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.bar import Bar, tell
from bench.ingest import Ingester, alerts, ours, post, send
from console.ops_api.client import DaemonAccess, OpsClient

_BAR_MS = 120.0
_TIMES = 15
_COMMANDS: dict[str, Callable[[OpsClient], object]] = {
    "alerts --json": lambda client: client.alerts(),
    "incidents": lambda client: client.incidents(),
    "silences": lambda client: (client.silences(), client.alerts(everything=True)),
    "executions": lambda client: client.executions(20),
    "locks": lambda client: client.locks(),
    "maintenance": lambda client: client.maintenances(everything=False),
    "audit": lambda client: client.audit(50),
    "runbooks list": lambda client: client.shelf(),
    "oncall": lambda client: client.contacts(),
}
"""Each command, and the calls that it makes."""


def measure() -> list[Bar]:
    """A bar for each command, on a daemon with a hundred alerts."""
    with tempfile.TemporaryDirectory() as folder, ours(Path(folder)) as to:
        send(to, [post(to, alerts(0, 100))], 1)
        return [
            Bar(f"ops {words}, ms beyond the network", _beyond_ms(to, words, call), _BAR_MS, at_most=True)
            for words, call in _COMMANDS.items()
        ]


def _beyond_ms(to: Ingester, words: str, call: Callable[[OpsClient], object]) -> float:
    url = f"http://127.0.0.1:{to.port}"
    client = OpsClient(DaemonAccess(url, to.token))
    env = {**os.environ, "OPS_URL": url, "OPS_TOKEN": to.token}
    argv = [sys.executable, "-m", "console", *words.split()]

    def run() -> None:
        subprocess.run(argv, env=env, stdout=subprocess.DEVNULL, check=True)

    whole, bare = (statistics.median(_ms(act) for _ in range(_TIMES)) for act in (run, lambda: call(client)))
    return round(whole - bare, 1)


def _ms(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1_000


def main() -> int:
    """Prints the figures; nothing is asserted by the clock but here, where whoever asks sees the load beside it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    bars = measure()
    return tell(bars, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
