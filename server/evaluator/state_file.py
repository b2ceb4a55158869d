"""The evaluator's own memory over a restart: every alert with its clocks, in one small JSON file."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import msgspec

from alerts.rule_state import AlertState, RuleAlert

log = logging.getLogger(__name__)

OUTAGE_TOLERANCE_MS = 3_600_000
"""An absence of the evaluator that is longer makes the saved clocks worthless (Prometheus: 1 h)."""


class SavedAlert(msgspec.Struct, frozen=True):
    """One alert and the rule it belongs to."""

    group: str
    rule: str
    labels: dict[str, str]
    annotations: dict[str, str]
    state: str
    value: str
    active_ms: int
    fired_ms: int | None = None
    resolved_ms: int | None = None
    absent_ms: int | None = None


class SavedState(msgspec.Struct, frozen=True):
    """The whole file."""

    saved_ms: int
    alerts: list[SavedAlert] = []


def saved(group: str, rule: str, alert: RuleAlert) -> SavedAlert:
    """An alert as the file has it; the value is text since JSON has no NaN."""
    return SavedAlert(
        group=group,
        rule=rule,
        labels=dict(alert.labels),
        annotations=dict(alert.annotations),
        state=alert.state.value,
        value=repr(alert.value),
        active_ms=alert.active_ms,
        fired_ms=alert.fired_ms,
        resolved_ms=alert.resolved_ms,
        absent_ms=alert.absent_ms,
    )


def restored(one: SavedAlert, down_ms: int) -> RuleAlert:
    """The alert again. While nobody looked a pending clock stood still; a firing alert just fires on."""
    alert = RuleAlert(
        labels=tuple(sorted(one.labels.items())),
        annotations=one.annotations,
        state=AlertState(one.state),
        value=float(one.value),
        active_ms=one.active_ms,
        fired_ms=one.fired_ms,
        resolved_ms=one.resolved_ms,
        absent_ms=None,
    )
    if alert.state is AlertState.PENDING:
        return replace(alert, active_ms=alert.active_ms + down_ms)
    return alert


def read_state(path: Path, now_ms: int) -> SavedState:
    """The saved state; empty where there is none, it cannot be read, or it is too old."""
    try:
        state = msgspec.json.decode(path.read_bytes(), type=SavedState)
    except FileNotFoundError:
        return SavedState(now_ms)
    except (OSError, msgspec.DecodeError) as error:
        log.warning("%s cannot be used: %s", path, error)
        return SavedState(now_ms)
    if not 0 <= now_ms - state.saved_ms <= OUTAGE_TOLERANCE_MS:
        log.warning("%s is from another time; alerts begin anew", path)
        return SavedState(now_ms)
    return state


def write_state(path: Path, now_ms: int, alerts: Iterable[SavedAlert]) -> None:
    """Replaces the file as a whole, so that a crash leaves the old one. Raises ``OSError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(SavedState(now_ms, list(alerts))))
    fresh.replace(path)
