"""A real Prometheus over the same samples, asked over HTTP."""

import json
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.alerts.promql.peer_samples import openmetrics

_START_TIMEOUT_S = 30


class Asked(Exception):
    """Prometheus refused the query."""


class RealPrometheus:
    """The two queries of its HTTP API."""

    def __init__(self, url: str) -> None:
        self.url = url

    def instant(self, expr: str, at_ms: int) -> Any:
        """The ``data`` of ``/api/v1/query``. Raises ``Asked``."""
        return self._get("query", {"query": expr, "time": f"{at_ms / 1000:.3f}"})

    def range(self, expr: str, start_ms: int, end_ms: int, step_ms: int) -> Any:
        """The ``data`` of ``/api/v1/query_range``. Raises ``Asked``."""
        times = {"start": start_ms, "end": end_ms, "step": step_ms}
        return self._get(
            "query_range", {"query": expr, **{name: f"{ms / 1000:.3f}" for name, ms in times.items()}}
        )

    def _get(self, path: str, form: dict[str, str]) -> Any:
        body = urllib.parse.urlencode(form).encode()
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}", body, timeout=20) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise Asked(json.load(error)["error"]) from error


@contextmanager
def running(prometheus: str, promtool: str, folder: Path) -> Iterator[RealPrometheus]:
    """Starts it on the samples of ``peer_samples`` and ends it."""
    (folder / "samples.txt").write_text(openmetrics())
    blocks = folder / "data"
    command = [
        promtool,
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        str(folder / "samples.txt"),
        str(blocks),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "prometheus.yml").write_text("global: {evaluation_interval: 1m}\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            prometheus,
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={blocks}",
            "--storage.tsdb.retention.time=100y",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if "Server is ready" in line:
                break
        yield RealPrometheus(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.communicate()
