"""A daemon under steady work: outage after outage, each paged, acknowledged, looked at and over; nothing piles up."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from tests.server.ops.paging.killable import Killable

pytestmark = pytest.mark.slow
CONTACTS = "people:\n  ana: {channels: ['file:ana.log'], cap: 1000}\nlevels: {L1: ana}\n"
_AT_ONCE = 20
"""Incidents of one round."""
_MOST_GROWTH_MB = 48
"""Between a third of the time and its end; what a thousand more incidents of before the limits may take."""


class Held(NamedTuple):
    """What a process holds."""

    memory_mb: float
    files: int
    threads: int


class Outages:
    """Rounds of incidents, from their alerts to their end."""

    def __init__(self, daemon: Killable) -> None:
        self._daemon = daemon
        self.numbers: list[int] = []

    def round(self, number: int) -> None:
        """Alerts fire, somebody is called, acknowledges and notes; then they are over."""
        labels = [
            {"alertname": f"Trouble{number}x{n}", "service": "api", "severity": "critical"}
            for n in range(_AT_ONCE)
        ]
        watchdog = {"labels": {"alertname": "Watchdog", "severity": "none"}}
        self._daemon.call("POST", "/api/v2/alerts", [watchdog, *({"labels": one} for one in labels)])
        opened = [i["id"] for i in self._open() if i["alertname"].startswith(f"Trouble{number}x")]
        assert len(opened) == _AT_ONCE
        self.until(lambda: all(self._incident(i)["paged"] for i in opened[:1]), "a page")
        for incident_id in opened:
            self._daemon.call("POST", f"/v1/incidents/{incident_id}/ack", {})
            self._daemon.call("POST", f"/v1/incidents/{incident_id}/note", {"text": "I look"})
        ended = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._daemon.call("POST", "/api/v2/alerts", [{"labels": one, "endsAt": ended} for one in labels])
        self.until(lambda: not {i["id"] for i in self._open()} & set(opened), "their end")
        self.numbers += opened

    def _open(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._daemon.call("GET", "/v1/incidents")["incidents"]
        return found

    def _incident(self, incident_id: int) -> dict[str, Any]:
        one: dict[str, Any] = self._daemon.call("GET", f"/v1/incidents/{incident_id}")
        return one

    def until(self, holds: Any, what: str, *, within_s: float = 60) -> None:
        """Ask until it is so."""
        until = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < until, f"{what} did not come"
            time.sleep(0.05)


def _waiting(daemon: Killable) -> list[int]:
    """Pages that somebody has not got yet."""
    pages = daemon.call("GET", "/v1/pages")["pages"]
    return [page["id"] for page in pages if any(one["state"] == "waiting" for one in page["deliveries"])]


def _held(daemon: Killable) -> Held:
    assert daemon.process is not None
    process = psutil.Process(daemon.process.pid)
    return Held(process.memory_info().rss / 2**20, process.num_fds(), process.num_threads())


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Killable]:
    (tmp_path / "contacts.yml").write_text(CONTACTS)
    running = Killable(tmp_path, MONITOR_PERIOD="1s", WATCHDOG_TIMEOUT="10m", REHEARSAL_AT="off")
    running.start()
    yield running
    running.kill()


@pytest.mark.timeout(0)
def test_nothing_piles_up_and_nobody_is_forgotten(daemon: Killable, pytestconfig: pytest.Config) -> None:
    minutes = float(pytestconfig.getoption("--soak-minutes"))
    begun, outages = time.monotonic(), Outages(daemon)
    warm: Held | None = None
    for number in itertools.count():
        passed = (time.monotonic() - begun) / 60
        if passed >= minutes and number > 3:
            break
        if warm is None and passed >= minutes / 3:
            warm = _held(daemon)
        outages.round(number)
    last = _held(daemon)
    assert warm is not None
    assert last.memory_mb <= warm.memory_mb + _MOST_GROWTH_MB, (warm, last)
    assert last.files <= warm.files + 10 and last.threads <= warm.threads + 2, (warm, last)
    parts = daemon.call("GET", "/v1/health")["parts"]
    assert {name: parts[name] for name in ("journal", "paging", "turns", "stream")} == dict.fromkeys(
        ("journal", "paging", "turns", "stream"), "ok"
    )
    lines = (daemon.state / "ana.log").read_text().splitlines()
    called = [line.split("  ")[3] for line in lines if "  L1  incident " in line]
    assert len(called) == len(set(called)), "nobody is called twice for one outage"
    # Who had more than a thousand messages in the hour gets the rest as one, a minute later.
    outages.until(lambda: not _waiting(daemon), "the last recoveries", within_s=120)
    assert daemon.call("GET", "/v1/audit/verify")["ok"] is True
    print(f"{len(outages.numbers)} incidents in {minutes:g} min; {warm} became {last}")
