"""Facts about staleness and gaps: promtool's engine gives the same, bit by bit, with Prometheus 2's windows."""

import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.promql import SampleStore
from conftest import Peer
from tests.alerts.promql.notation import at, loaded

pytestmark = pytest.mark.peer

_STEP_S = 15
_COUNT = 60
_EXPRESSIONS = (
    "x",
    "x offset 2m",
    "count_over_time(x[3m])",
    "last_over_time(x[3m])",
    "increase(x[3m])",
    "rate(x[90s])",
    "delta(x[5m])",
    "changes(x[4m])",
    "resets(x[4m])",
    "irate(x[2m])",
    "max_over_time(x[2m])",
    "count_over_time(x[5m:45s])",
    "max_over_time(rate(x[1m])[3m:30s])",
    "absent(x{i='0'})",
    "absent_over_time(x[1m])",
    "count(x)",
    "x > 3",
    "x == bool on (i) x offset 1m",
    "x unless x offset 1m",
    "timestamp(x)",
)


def _lines(dice: random.Random) -> dict[str, str]:
    """Counters that vanish, end and come back."""
    lines = {}
    for number in range(4):
        words, value = [], 0
        for _ in range(_COUNT):
            value = 0 if dice.random() < 0.05 else value + dice.randrange(5)
            words.append("_" if dice.random() < 0.2 else "stale" if dice.random() < 0.12 else str(value))
        lines[f'x{{i="{number}"}}'] = " ".join(words)
    return lines


def _expectation(store: SampleStore, expr: str, seconds: int) -> dict[str, Any]:
    found = at(store, expr, seconds, compat=2)
    samples = [{"labels": _labels(series), "value": float(value)} for series, value in found.items()]
    return {"expr": expr, "eval_time": f"{seconds}s", "exp_samples": samples}


def _labels(series: str) -> str:
    name, _, rest = series.partition("{")
    number = rest.removeprefix("i=").removesuffix("}")
    return name + (f'{{i="{number}"}}' if number else "{}" if not name else "")


def test_gaps_and_staleness_markers_mean_the_same(peer: Peer, tmp_path: Path) -> None:
    promtool, dice = peer.find("promtool"), random.Random(7)
    tests, filled = [], 0
    for number in range(4):
        lines = _lines(dice)
        store = loaded(_STEP_S, lines)
        times = [dice.randrange(0, _STEP_S * _COUNT + 200) for _ in range(8)] + [_STEP_S * 40]
        checks = [_expectation(store, expr, seconds) for expr in _EXPRESSIONS for seconds in times]
        filled += sum(bool(check["exp_samples"]) for check in checks)
        series = [{"series": name, "values": notation} for name, notation in lines.items()]
        tests.append(
            {"name": str(number), "interval": "15s", "input_series": series, "promql_expr_test": checks}
        )
    file = tmp_path / "test.yml"
    file.write_text(yaml.safe_dump({"evaluation_interval": "1m", "tests": tests}))
    done = subprocess.run([promtool, "test", "rules", file], capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[:3_000]
    assert filled > 400
