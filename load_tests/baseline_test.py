"""The light load test of the runbooks: ``locust -f load_tests/baseline_test.py --host http://localhost:8000 --headless …``

The key comes from ``API_KEY``. Most prompts repeat, as those of real callers do; some are new.
"""

import os
import random
import uuid

from locust import HttpUser, between, task

_COMMON = (
    "Translate 'good morning' to French",
    "Summarize the minutes of Monday's meeting",
    "List five European capitals",
    "Classify the sentiment of: I love this product",
    "Write a short email to the team about the release",
)


class Caller(HttpUser):
    """One client of the service."""

    wait_time = between(0.2, 1.0)

    def on_start(self) -> None:
        """Every call carries the key."""
        self.client.headers["X-API-Key"] = os.environ.get("API_KEY", "")

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
