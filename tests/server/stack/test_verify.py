"""Facts about the verification: it asks an API that listens beyond loopback, which tells strangers little."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Literal

import pytest
from click.testing import CliRunner

from runbooks.engine.action import load_actions
from runbooks.engine.verdict import verdict_of
from server.stack.verify.verify import Check, Report, VerifiedService, main, verify
from tests.paths import CHECKOUT

_TOKEN = "m" * 32


class _ShyApi(BaseHTTPRequestHandler):
    """Tells its parts and metrics to whoever has the metrics token."""

    def do_GET(self) -> None:
        known = self.headers.get("Authorization") == f"Bearer {_TOKEN}"
        if self.path == "/v1/health":
            parts = {"dependencies": {"redis": {"status": "healthy"}} if known else None}
            self._say(200, json.dumps({"status": "healthy", **parts}))
        elif known:
            self._say(200, 'http_requests_total{status="200"} 1\n')
        else:
            self._say(401, json.dumps({"error": {"message": "no"}}))

    def do_POST(self) -> None:
        self._say(401, json.dumps({"error": {"message": "no"}}))

    def log_message(self, *_parts: object) -> None:
        """Say nothing."""

    def _say(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _ShyApi)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_api_that_keeps_its_parts_to_itself_is_verified_all_the_same(url: str, tmp_path: Path) -> None:
    checks = {check.name: check for check in verify(VerifiedService(url, url, "", tmp_path)).checks}
    assert checks["health"].state == "ok"
    assert "METRICS_TOKEN" in checks["health"].text
    assert (checks["metrics"].state, checks["errors"].state) == ("failed", "failed")


def test_with_the_metrics_token_it_tells_them(url: str, tmp_path: Path) -> None:
    checks = {check.name: check for check in verify(VerifiedService(url, url, "", tmp_path, _TOKEN)).checks}
    assert checks["health"].text == "healthy: redis healthy"
    assert checks["errors"].state == "ok"


@pytest.mark.parametrize(
    ("state", "code", "verdict"),
    [("ok", 0, "healthy"), ("degraded", 0, "unhealthy"), ("failed", 1, "unhealthy")],
)
def test_its_exit_code_is_0_where_the_service_serves_and_the_action_that_runs_it_is_judged_by_its_verdict(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    state: Literal["ok", "degraded", "failed"],
    code: int,
    verdict: str,
) -> None:
    check = Check(name="health", state=state, text="as it is", took_ms=1.0)
    monkeypatch.setattr(
        "server.stack.verify.verify.verify", lambda *_, **__: Report(state=state, checks=(check,))
    )
    ran = CliRunner().invoke(main, ["--state", str(tmp_path)])
    action = load_actions((CHECKOUT / "runbooks" / "actions.yml").read_text())["smoke-test"]
    assert (ran.exit_code, verdict_of(action, ran.output, ran.exit_code)) == (code, verdict)
