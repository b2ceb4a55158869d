"""kill -9 of the daemon at any moment: what was decided is sent, and decided once."""

import json
import random
import time
from pathlib import Path

import pytest

from server.ops.state.state import STATE_FORMAT
from server.store.archive import Archive
from tests.server.ops.paging.killable import Killable

pytestmark = pytest.mark.slow
ROUNDS = 25
CONTACTS = "people:\n  ana: {channels: ['file:ana.log']}\nlevels: {L1: ana}\n"


@pytest.mark.timeout(300)
def test_every_decided_page_is_sent_and_decided_once(tmp_path: Path) -> None:
    (tmp_path / "contacts.yml").write_text(CONTACTS)
    daemon, chance = Killable(tmp_path), random.Random(7)
    daemon.start()
    for n in range(ROUNDS):
        labels = {"alertname": f"Trouble{n}", "service": "api", "severity": "critical"}
        daemon.call("POST", "/api/v2/alerts", [{"labels": labels, "annotations": {"summary": "x"}}])
        time.sleep(chance.uniform(0, 1.6))
        daemon.kill()
        daemon.start()
    until = time.monotonic() + 60
    while True:
        pages = daemon.call("GET", "/v1/pages")["pages"]
        copies = [copy for page in pages for copy in page["deliveries"]]
        about = {page["incident_id"] for page in pages}
        if len(about) == ROUNDS and all(copy["state"] == "sent" for copy in copies):
            break
        assert time.monotonic() < until, copies
        time.sleep(0.1)
    daemon.kill()
    lines = (tmp_path / "ana.log").read_text()
    assert all(f"incident {n + 1}  " in lines for n in range(ROUNDS))
    archive = Archive(tmp_path / "ops", STATE_FORMAT)
    decided = [
        (body["page"]["incident_id"], body["due"]["due_at"])
        for entry in archive.read(0, 100_000)
        if entry.kind == "page.decided"
        for body in [json.loads(entry.body)]
    ]
    assert len(decided) == len(set(decided))
