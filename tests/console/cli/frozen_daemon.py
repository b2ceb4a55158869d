"""A server that answers as an ops daemon would, always the same, for what is printed to be compared to the letter."""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_AGO = re.compile(r'"@(-?\d+)([dhm])"')
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


@contextmanager
def frozen_daemon(answers: Path) -> Iterator[str]:
    """The address of a daemon that gives the documents in ``answers``, by path.

    A time written ``@-300h`` is so long before whenever it is asked for, so that ages stay as they are.
    """
    documents: Mapping[str, object] = json.loads(answers.read_text())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = documents.get(self.path.partition("?")[0])
            body = _AGO.sub(_moment, json.dumps(document)).encode()
            self.send_response(200 if document is not None else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _moment(match: re.Match[str]) -> str:
    return f'"{(datetime.now(UTC) + timedelta(**{_UNITS[match[2]]: int(match[1])})).isoformat()}"'
