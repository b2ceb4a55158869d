"""`ops restart` past the daemon: only where it is not there, never where it is and does not serve."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from console.cli import local_program
from console.ops_api.client import DaemonAccess, OpsClient
from console.ops_api.errors import NotServingError, OpsError, UnreachableError
from console.ops_api.which_daemon import DaemonChoice


class Unavailable(BaseHTTPRequestHandler):
    """Answers everything with 503, as a daemon does whose journal is in trouble."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b'{"error": {"type": "unavailable", "message": "the journal cannot be written"}}'
        self.send_response(503)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def unavailable() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Unavailable)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def state_at(folder: Path, port: int) -> Path:
    """The state folder of a stack whose daemon is at this port."""
    (folder / "tokens").mkdir()
    (folder / "tokens" / "admin").write_text("ops_0123456789\n")
    (folder / "stack.json").write_text(json.dumps({"ports": {"ops": port, "api": port}}))
    return folder


def restart(state: Path, *more: str) -> subprocess.CompletedProcess[str]:
    words = ["restart", "redis", "--confirm", "restart-redis", "--state", str(state), *more]
    return subprocess.run(
        [sys.executable, "-m", "console", *words],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_daemon_that_answers_503_is_not_gone_past(tmp_path: Path, unavailable: int) -> None:
    done = restart(state_at(tmp_path, unavailable))
    assert done.returncode == 3
    assert "the journal cannot be written" in done.stderr
    assert "not journalled" not in done.stderr
    assert not (tmp_path / "unjournalled.jsonl").exists()


def test_a_daemon_that_is_not_there_is_gone_past(tmp_path: Path) -> None:
    done = restart(state_at(tmp_path, closed_port()))
    assert "ops: not journalled (the ops daemon" in done.stderr


def test_what_is_done_past_it_is_a_document_under_json(tmp_path: Path) -> None:
    error = json.loads(restart(state_at(tmp_path, closed_port()), "--json").stdout)["error"]
    assert error["message"]


@pytest.mark.parametrize(("program", "code"), [("print('it runs')", 0), ("print('x'); raise SystemExit('it is gone')", 1)])  # fmt: skip
def test_a_local_program_as_a_document_or_its_last_words_as_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str, code: int
) -> None:
    monkeypatch.setattr(local_program, "argv_of", lambda *_: [sys.executable, "-c", program])
    which = DaemonChoice(tmp_path, None, None)
    if code:
        with pytest.raises(OpsError, match=r"^it is gone$"):
            local_program.document_of_local(which, [])
    else:
        told = local_program.document_of_local(which, [])
        assert told == {"stdout": "it runs\n", "stderr": "", "exit_code": 0}


def test_a_daemon_that_takes_the_connection_and_says_nothing_is_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = OpsClient(DaemonAccess(f"http://127.0.0.1:{silent.getsockname()[1]}", "ops_x"))
        with pytest.raises(NotServingError):
            client._get("/v1/me", dict, timeout_s=0.2)


def test_a_port_that_nobody_listens_at_is_unreachable() -> None:
    client = OpsClient(DaemonAccess(f"http://127.0.0.1:{closed_port()}", "ops_x"))
    with pytest.raises(UnreachableError) as raised:
        client.me()
    assert not isinstance(raised.value, NotServingError)
