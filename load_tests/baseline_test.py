"""The light load test of the runbooks: ``locust -f load_tests/baseline_test.py --host http://localhost:8000 --headless …``

The key comes from ``API_KEY``. Without one a key is made for the run with the admin token of the local stack
(``OPS_STATE``, ``var``) or of docker-compose (``deploy/secrets``), and revoked after it. Most prompts repeat, as those of
real callers do; some are new.
"""

import json
import os
import random
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

from locust import HttpUser, between, events, task
from locust.env import Environment

_COMMON = (
    "Translate 'good morning' to French",
    "Summarize the minutes of Monday's meeting",
    "List five European capitals",
    "Classify the sentiment of: I love this product",
    "Write a short email to the team about the release",
)
_LIMIT = 100_000_000
"""Requests an hour of a key that is made here: a load test must not measure its own limit."""
_CHECKOUT = Path(__file__).resolve().parents[1]


class Caller(HttpUser):
    """One client of the service."""

    wait_time = between(0.2, 1.0)
    key = ""

    def on_start(self) -> None:
        """Every call carries the key."""
        self.client.headers["X-API-Key"] = self.key

    @task(8)
    def repeat(self) -> None:
        """A prompt that others sent too: a cache hit."""
        self.client.post("/v1/analyze/", json={"prompt": random.choice(_COMMON)}, name="analyze, repeated")

    @task(2)
    def ask_anew(self) -> None:
        """A prompt that nobody sent: a miss."""
        prompt = f"Explain the number {uuid.uuid4().int % 100_000}"
        self.client.post("/v1/analyze/", json={"prompt": prompt}, name="analyze, new")

    @task(1)
    def health(self) -> None:
        """What a load balancer asks."""
        self.client.get("/v1/health")


class RunKey:
    """The key of one run: given, or made before it and revoked after it."""

    def __init__(self) -> None:
        self._made: tuple[str, str, str] | None = None

    def obtain(self, host: str) -> str:
        """The key. Ends the program with 2, saying what to set, where there is none and none can be made."""
        if os.environ.get("API_KEY"):
            return os.environ["API_KEY"]
        tried = []
        for path in _admin_token_files():
            try:
                made = _asked(
                    host,
                    "POST",
                    "/v1/api-keys/",
                    path.read_text().strip(),
                    {"name": "baseline-test", "rate_limit_per_hour": _LIMIT},
                )
            except (OSError, ValueError) as error:
                tried.append(f"{path}: {error}")
                continue
            self._made = (host, path.read_text().strip(), str(made["id"]))
            return str(made["key"])
        why = "; ".join(tried) or "there is no admin token of a local stack or of docker-compose here"
        sys.stderr.write(
            f"baseline_test: set API_KEY to a key of {host} (ops keys create NAME), for none could be made: {why}\n"
        )
        os._exit(2)

    def give_back(self) -> None:
        """Revoke the key that was made."""
        if self._made is not None:
            host, token, key_id = self._made
            _asked(host, "DELETE", f"/v1/api-keys/{key_id}", token)
            self._made = None


def _admin_token_files() -> list[Path]:
    named = os.environ.get("API_ADMIN_TOKEN_FILE")
    state = Path(os.environ.get("OPS_STATE") or _CHECKOUT / "var")
    places = [
        Path(named) if named else None,
        state / "tokens" / "api-admin",
        _CHECKOUT / "deploy" / "secrets" / "api_admin_token",
    ]
    return [place for place in places if place is not None and place.is_file()]


def _asked(host: str, method: str, path: str, token: str, body: object = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(host + path, method=method, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        found: dict[str, Any] = json.loads(answer.read() or b"{}")
        return found


_key = RunKey()


@events.test_start.add_listener  # type: ignore[untyped-decorator]  # locust has no types
def begin(environment: Environment, **_: object) -> None:
    """Have a key before the first caller is there."""
    Caller.key = _key.obtain((environment.host or Caller.host or "http://localhost:8000").rstrip("/"))


@events.test_stop.add_listener  # type: ignore[untyped-decorator]
def end(**_: object) -> None:
    """Leave no key behind."""
    _key.give_back()
