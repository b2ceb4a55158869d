"""Facts about the figures of the header: callers only, by the word of promtool, and known to be old when they are."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from console.model.figures import QUERIES, read_figures
from console.ops_api.client import OpsClient
from console.ops_api.prometheus_answer import QueryResult

_SERIES = (
    ('http_requests_total{job="api",handler="/v1/analyze",status="200"}', "0+6x12"),
    ('http_requests_total{job="api",handler="/v1/analyze",status="503"}', "0+54x12"),
    ('http_requests_total{job="api",handler="/v1/metrics",status="200"}', "0+600x12"),
    ('http_requests_total{job="api",handler="/v1/health",status="200"}', "0+600x12"),
    ('http_requests_total{job="ops",handler="/v1/alerts",status="500"}', "0+600x12"),
    ('http_request_duration_seconds_bucket{job="api",handler="/v1/analyze",le="1"}', "0+0x12"),
    ('http_request_duration_seconds_bucket{job="api",handler="/v1/analyze",le="2"}', "0+60x12"),
    ('http_request_duration_seconds_bucket{job="api",handler="/v1/analyze",le="+Inf"}', "0+60x12"),
    ('http_request_duration_seconds_bucket{job="api",handler="/v1/metrics",le="1"}', "0+9000x12"),
    ('http_request_duration_seconds_bucket{job="api",handler="/v1/metrics",le="+Inf"}', "0+9000x12"),
)


def _judged(folder: Path, series: tuple[tuple[str, str], ...], expected: dict[str, float]) -> None:
    """promtool says that each query has this value after a minute."""
    document = {
        "evaluation_interval": "10s",
        "tests": [
            {
                "interval": "10s",
                "input_series": [{"series": name, "values": values} for name, values in series],
                "promql_expr_test": [
                    {"expr": f"round({query}, 0.1)", "eval_time": "2m", "exp_samples": [{"labels": "{}", "value": expected[name]}]}
                    for name, query, _ in QUERIES
                    if name in expected
                ],
            }
        ],
    }  # fmt: skip
    (folder / "figures.test.yml").write_text(json.dumps(document))
    done = subprocess.run(
        ["promtool", "test", "rules", str(folder / "figures.test.yml")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_the_figures_count_callers_and_neither_scrapes_nor_other_processes(tmp_path: Path) -> None:
    _judged(tmp_path, _SERIES, {"rps": 6.0, "err": 90.0, "p95": 1950.0})


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_without_a_failed_request_the_share_of_errors_is_nothing_and_not_missing(tmp_path: Path) -> None:
    _judged(tmp_path, _SERIES[:1], {"rps": 0.6, "err": 0.0})


class _Source(OpsClient):
    """Answers every query with no series, and the query for ``up`` with this value."""

    def __init__(self, up: str | None) -> None:
        self._up = up

    def prometheus(
        self, path: str, params: Mapping[str, object], *, timeout_s: float | None = None
    ) -> QueryResult:
        if path == "query" and self._up is not None:
            series = json.dumps([{"metric": {}, "value": [1.0, self._up]}]).encode()
            return QueryResult(result=msgspec.Raw(series))
        return QueryResult(resultType="matrix")


@pytest.mark.parametrize(("up", "expected"), [("1", True), ("0", False), (None, False)])
def test_figures_of_an_api_that_is_not_there_are_known_to_be_old(up: str | None, expected: bool) -> None:
    assert read_figures(_Source(up), 1_000_000.0).is_up is expected
