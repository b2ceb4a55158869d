"""`ops graph`: a query over time as a chart, and what the daemon is asked for it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from console.cli.main import cli
from console.ops_api.client import OpsClient
from console.ops_api.prometheus_answer import QueryResult

_HERE = ["--url", "http://127.0.0.1:9", "--token", "x"]
_STRETCH = ["--since", "2026-01-31T09:00Z", "--until", "2026-01-31T12:00Z"]
_BEGIN = int(datetime(2026, 1, 31, 9, tzinfo=UTC).timestamp())


def _answer(monkeypatch: pytest.MonkeyPatch, *series: Mapping[str, object]) -> list[dict[str, object]]:
    """Every query is answered by these series; what was asked is kept."""
    asked: list[dict[str, object]] = []

    def prometheus(_: OpsClient, path: str, params: dict[str, object]) -> QueryResult:
        import msgspec

        asked.append({"path": path, **params})
        return QueryResult(resultType="matrix", result=msgspec.Raw(json.dumps(series).encode()))

    monkeypatch.setattr(OpsClient, "prometheus", prometheus)
    return asked


def test_one_series_is_a_chart_with_its_figures_and_its_times(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [[_BEGIN + 135 * n, str(n)] for n in range(81)]
    asked = _answer(monkeypatch, {"metric": {"__name__": "up", "job": "a\x1b[31mpi"}, "values": values})
    done = CliRunner().invoke(cli, [*_HERE, "graph", "up", *_STRETCH])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].startswith('up{job="api"}')
    assert lines[0].endswith("low 0  high 80  last 80")
    assert len(lines) == 10
    assert lines[1].strip() != ""
    assert len(lines[1]) == len(lines[8]) == 80
    assert (lines[-1][:20], lines[-1][-20:]) == ("2026-01-31T09:00:00Z", "2026-01-31T12:00:00Z")
    assert asked == [
        {"path": "query_range", "query": "up", "start": _BEGIN, "end": _BEGIN + 10800, "step": 135}
    ]


def test_several_series_are_charts_the_highest_first_and_the_rest_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _answer(monkeypatch, *({"metric": {"n": str(n)}, "values": [[_BEGIN, str(n)]]} for n in range(10)))
    lines = CliRunner().invoke(cli, [*_HERE, "graph", "x", *_STRETCH]).output.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("{")] == [f'{{n="{n}"}}' for n in range(9, 1, -1)]  # fmt: skip
    assert lines[-1] == "2 more series are not shown"


def test_what_is_no_number_is_a_gap_and_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _answer(monkeypatch, {"metric": {}, "values": [[_BEGIN, "NaN"], [_BEGIN + 135, "+Inf"]]})
    assert "no finite value in that time" in CliRunner().invoke(cli, [*_HERE, "graph", "x", *_STRETCH]).output
    _answer(monkeypatch)
    assert CliRunner().invoke(cli, [*_HERE, "graph", "x", *_STRETCH]).output == "no data in that time\n"


def test_the_values_are_there_for_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    _answer(monkeypatch, {"metric": {}, "values": [[_BEGIN, "1"], [_BEGIN + 135, "3"]]})
    found = json.loads(CliRunner().invoke(cli, [*_HERE, "graph", "x", *_STRETCH, "--json"]).output)
    assert found["data"]["result"][0]["values"] == [[_BEGIN, "1"], [_BEGIN + 135, "3"]]
    assert CliRunner().invoke(cli, [*_HERE, "graph", "x", *_STRETCH, "-q"]).output == "3\n"
