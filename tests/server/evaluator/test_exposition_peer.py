"""Facts about odd expositions: what a scrape of each leaves, here and in a real Prometheus."""

import json
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.promql import SampleStore, instant_query
from conftest import Peer
from server.evaluator.recorder import ScrapeRecorder
from server.evaluator.target import ScrapeTarget
from server.exposition import ExpositionError, parse_exposition
from tests.server.evaluator.exposition_cases import CASES, Case

_NOW_MS = 1_700_000_000_000
_WITHIN_S = 60
_OF_THE_TARGET = ("__name__", "job", "instance")
_TEXT, _OPENMETRICS = "text/plain; version=0.0.4", "application/openmetrics-text; version=1.0.0"


def _shown(result: list[dict[str, Any]]) -> dict[str, str]:
    """Series without the target's labels, those about the scrape left out."""
    found = {}
    for one in result:
        labels = one["metric"]
        inside = ",".join(f"{k}={v}" for k, v in sorted(labels.items()) if k not in _OF_THE_TARGET)
        name = labels["__name__"] + (f"{{{inside}}}" if inside else "")
        if not name.startswith("scrape_"):
            found[name] = one["value"][1]
    return found


def _wanted(case: Case) -> dict[str, str]:
    return {"up": "0"} if case.series is None else {"up": "1", **case.series}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_scrape_leaves_what_prometheus_leaves(case: Case) -> None:
    store = SampleStore()
    recorder = ScrapeRecorder(ScrapeTarget("j", "http://h/", "h:1", 5_000, 5_000), store)
    try:
        recorder.success(parse_exposition(case.at(_NOW_MS), openmetrics=case.openmetrics), _NOW_MS, 0.1)
    except ExpositionError:
        recorder.failure(_NOW_MS, 0.1)
    found = instant_query(store, '{job="j"}', _NOW_MS)["result"]
    assert _shown(found) == _wanted(case)


class _Exposing(BaseHTTPRequestHandler):
    """Every case under its name."""

    def do_GET(self) -> None:
        case = CASES[self.path.strip("/")]
        body = case.at(time.time_ns() // 1_000_000).encode()
        self.send_response(200)
        self.send_header("Content-Type", _OPENMETRICS if case.openmetrics else _TEXT)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is said."""


@contextmanager
def _prometheus(program: str, folder: Path) -> Iterator[str]:
    """A real one that scrapes all cases; its URL."""
    targets = ThreadingHTTPServer(("127.0.0.1", 0), _Exposing)
    thread = threading.Thread(target=targets.serve_forever)
    thread.start()
    jobs = [
        {
            "job_name": name,
            "metrics_path": f"/{name}",
            "static_configs": [{"targets": [f"127.0.0.1:{targets.server_port}"]}],
        }
        for name in CASES
    ]
    config = {"global": {"scrape_interval": "2s", "scrape_timeout": "2s"}, "scrape_configs": jobs}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
    ]
    process = subprocess.Popen(
        [*command, f"--web.listen-address={address}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(30)
        targets.shutdown()
        thread.join()
        targets.server_close()


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)["data"]


def _scraped(url: str) -> bool:
    """Whether every target has been scraped twice, so that what the first scrape alone leaves is past."""
    try:
        done = _get(f"{url}/api/v1/query?query=count_over_time(up[1m])")["result"]
    except (OSError, urllib.error.URLError):
        return False
    return {one["metric"]["job"] for one in done if int(one["value"][1]) > 1} == CASES.keys()


@pytest.mark.peer
def test_prometheus_leaves_what_the_table_says(peer: Peer, tmp_path: Path) -> None:
    with _prometheus(peer.find("prometheus"), tmp_path) as url:
        end, pause = time.monotonic() + _WITHIN_S, threading.Event()
        while not _scraped(url):
            assert time.monotonic() < end, "Prometheus did not scrape all targets"
            pause.wait(0.2)
        found = {
            name: _shown(
                _get(f"{url}/api/v1/query?query=" + urllib.parse.quote(f'{{job="{name}"}}'))["result"]
            )
            for name in CASES
        }
    assert found == {name: _wanted(case) for name, case in CASES.items()}
