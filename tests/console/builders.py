"""Alerts for tests of the console."""

from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.wire import AlertView

NOW = datetime(2026, 3, 1, 2, 14, 7, tzinfo=UTC)


def alert(name: str = "APIDown", *, n: int = 0, age_s: float = 252, **fields: Any) -> AlertView:
    """A firing critical alert, unless told otherwise."""
    return AlertView(
        **{
            "fingerprint": f"{n:016x}",
            "alertname": name,
            "severity": "critical",
            "state": "firing",
            "service": "api",
            "labels": {"alertname": name},
            "annotations": {"summary": f"{name} on the API"},
            "started_at": NOW - timedelta(seconds=age_s),
            "updated_at": NOW,
            "version": 1,
            **fields,
        }
    )
