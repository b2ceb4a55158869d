"""Keys of the analyze API, which may be elsewhere: what is typed reaches it as one id and nothing else."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.console.cli.test_profiles import run

_GONE = b'{"error": {"type": "not_found", "message": "There is no API key with this id."}}'


class _KeylessApi(BaseHTTPRequestHandler):
    asked: list[str]

    def do_DELETE(self) -> None:
        type(self).asked.append(self.path)
        self.send_response(404)
        self.end_headers()
        self.wfile.write(_GONE)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what was asked is kept."""


@pytest.fixture
def api() -> Iterator[tuple[str, list[str]]]:
    """The address of an API without keys, and the paths that it is asked for."""
    _KeylessApi.asked = []
    with HTTPServer(("127.0.0.1", 0), _KeylessApi) as server:
        turning = threading.Thread(target=server.serve_forever, daemon=True)
        turning.start()
        yield f"http://127.0.0.1:{server.server_port}", _KeylessApi.asked
        server.shutdown()
        turning.join()


@pytest.mark.parametrize(
    ("typed", "asked"), [("7", "7"), ("../users", "..%2Fusers"), ("ü\n?#", "%C3%BC%0A%3F%23")]
)
def test_an_id_is_an_id_whatever_is_typed_and_one_that_is_not_there_is_wrong_usage(
    api: tuple[str, list[str]], tmp_path: Path, typed: str, asked: str
) -> None:
    url, paths = api
    done = run(tmp_path, "keys", "revoke", typed, API_URL=url, ADMIN_TOKEN="x")
    assert (done.returncode, paths) == (2, [f"/v1/api-keys/{asked}"]), done.stderr
    assert "There is no API key with this id" in done.stderr


def test_no_id_reaches_no_key(api: tuple[str, list[str]], tmp_path: Path) -> None:
    url, paths = api
    assert run(tmp_path, "keys", "revoke", "", API_URL=url, ADMIN_TOKEN="x").returncode == 2
    assert paths == []
