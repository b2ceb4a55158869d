"""Facts about the HTTP API: Prometheus' answers, to the requests that its users really send."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Peer
from tests.server.evaluator.whole import START_MS, World, evaluator

_RULES = """
groups:
  - name: g
    rules:
      - alert: Hot
        expr: x > 5
        for: 1h
        labels: {severity: info}
        annotations: {summary: "{{ $value }}"}
      - {record: 'x:double', expr: 2 * x}
"""
_TEXT = '# HELP x The x.\n# TYPE x gauge\nx{a="1"} 9\nx{a="2"} 3\nhits_total{code="200"} 5\n'
_NOW = START_MS // 1000 + 30


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with evaluator(tmp_path, _RULES) as running:
        running.text = _TEXT
        await running.run(30)
        yield running


async def _post(world: World, path: str, **form: str) -> Any:
    async with world.session.post(world.url + path, data=form) as response:
        return response.status, await response.json()


async def test_a_query_answers_as_prometheus_does(world: World) -> None:
    body = await world.get("/api/v1/query", query='x{a="1"}', time=str(_NOW))
    metric = body["data"]["result"][0]["metric"]
    assert body == {
        "status": "success",
        "data": {"resultType": "vector", "result": [{"metric": metric, "value": [_NOW, "9"]}]},
    }
    assert (metric["__name__"], metric["a"], metric["job"]) == ("x", "1", "api")


@pytest.mark.parametrize("time", ["2023-11-14T22:13:50Z", "2023-11-15T00:13:50.000+02:00", f"{_NOW}.0", ""])
async def test_a_time_may_be_written_in_several_ways(world: World, time: str) -> None:
    body = await world.get("/api/v1/query", query="time()", time=time)
    assert body["data"] == {"resultType": "scalar", "result": [_NOW, str(_NOW)]}


async def test_grafana_posts_forms(world: World) -> None:
    status, body = await _post(
        world, "/api/v1/query_range", query="sum(x)", start=str(_NOW - 20), end=str(_NOW), step="10"
    )
    values = [[t, "12"] for t in (_NOW - 20, _NOW - 10, _NOW)]
    assert (status, body["data"]) == (
        200,
        {"resultType": "matrix", "result": [{"metric": {}, "values": values}]},
    )
    assert (await _post(world, "/api/v1/query", query="1+1", time=str(_NOW)))[1]["data"]["result"] == [
        _NOW,
        "2",
    ]
    assert (await _post(world, "/api/v1/labels", start=str(_NOW - 60)))[1]["data"][:2] == ["__name__", "a"]
    found = (await _post(world, "/api/v1/series", **{"match[]": 'x{a="2"}'}))[1]["data"]
    assert [one["a"] for one in found] == ["2"]


async def test_a_step_may_be_a_duration(world: World) -> None:
    query = {"query": "vector(1)", "start": str(_NOW - 60), "end": str(_NOW), "step": "1m"}
    body = await world.get("/api/v1/query_range", **query)
    assert body["data"]["result"][0]["values"] == [[_NOW - 60, "1"], [_NOW, "1"]]


@pytest.mark.parametrize(
    ("path", "form", "status", "kind", "message"),
    [
        ("query", {}, 400, "bad_data", 'invalid parameter "query"'),
        ("query", {"query": "x ++"}, 400, "bad_data", "1:5: parse error"),
        ("query", {"query": "rate(x)"}, 400, "bad_data", "expected type range vector"),
        ("query", {"query": "holt_winters(x[5m], 1, 1)"}, 400, "bad_data", "'holt_winters'"),
        ("query", {"query": "x", "time": "yesterday"}, 400, "bad_data", 'cannot parse "yesterday"'),
        ("query", {"query": "x", "time": "1e300"}, 400, "bad_data", "timestamp"),
        ("query", {"query": "x * on () x"}, 422, "execution", "duplicate series"),
        ("query_range", {"query": "x", "start": "0", "end": "1", "step": "0"}, 400, "bad_data", "step"),
        (
            "query_range",
            {"query": "x", "start": "2", "end": "1", "step": "1"},
            400,
            "bad_data",
            "end timestamp",
        ),
        ("query_range", {"query": "x", "start": "0", "end": "11001", "step": "1"}, 400, "bad_data", "11,000"),
        ("series", {}, 400, "bad_data", "match[]"),
        ("series", {"match[]": "{}"}, 400, "bad_data", "match[]"),
        ("series", {"match[]": "sum(x)"}, 400, "bad_data", "no selector"),
        ("labels", {"limit": "-1"}, 400, "bad_data", "limit"),
        ("rules", {"type": "nonsense"}, 400, "bad_data", "type"),
        ("nothing", {}, 404, "not_found", ""),
    ],
)
async def test_a_fault_is_told_in_prometheus_envelope(
    world: World, path: str, form: dict[str, str], status: int, kind: str, message: str
) -> None:
    async with world.session.get(f"{world.url}/api/v1/{path}", params=form) as response:
        body = await response.json()
    assert (response.status, body["status"], body["errorType"]) == (status, "error", kind)
    assert message in body["error"]


async def test_labels_and_their_values_are_listed(world: World) -> None:
    names = (await world.get("/api/v1/labels"))["data"]
    assert {"__name__", "a", "code", "instance", "job"} <= set(names)
    assert (await world.get("/api/v1/label/a/values"))["data"] == ["1", "2"]
    assert (await world.get("/api/v1/label/a/values", **{"match[]": 'x{a!="1"}'}))["data"] == ["2"]
    assert (await world.get("/api/v1/label/nothing/values"))["data"] == []
    body = await world.get("/api/v1/label/a/values", limit="1")
    assert (body["data"], body["warnings"]) == (["1"], ["results truncated due to limit"])


async def test_metadata_says_what_the_target_said(world: World) -> None:
    body = await world.get("/api/v1/metadata", metric="x")
    assert body["data"] == {"x": [{"type": "gauge", "help": "The x.", "unit": ""}]}


async def test_rules_are_listed_with_their_alerts(world: World) -> None:
    group = (await world.get("/api/v1/rules"))["data"]["groups"][0]
    assert (group["name"], group["file"], group["interval"]) == ("g", "test.yml", 5)
    hot, record = group["rules"]
    assert (hot["state"], hot["duration"], hot["query"], hot["type"]) == (
        "pending",
        3600,
        "x > 5",
        "alerting",
    )
    alert = hot["alerts"][0]
    assert (alert["state"], alert["value"], alert["annotations"]) == ("pending", "9e+00", {"summary": "9"})
    assert alert["activeAt"] == "2023-11-14T22:13:30.000Z" or alert["activeAt"].startswith(
        "2023-11-14T22:13:"
    )
    assert (record["type"], record["name"], record["query"]) == ("recording", "x:double", "2 * x")
    only = (await world.get("/api/v1/rules", type="record"))["data"]["groups"][0]["rules"]
    assert [rule["name"] for rule in only] == ["x:double"]


async def test_targets_are_listed_with_their_health(world: World) -> None:
    world.status = 503
    await world.run(6)
    active = (await world.get("/api/v1/targets"))["data"]["activeTargets"]
    by_job = {one["labels"]["job"]: one for one in active}
    assert {job: one["health"] for job, one in by_job.items()} == {
        "api": "down",
        "node": "up",
        "evaluator": "up",
    }
    assert by_job["api"]["lastError"] == "server returned HTTP status 503"
    assert by_job["api"]["scrapeInterval"] == "5s"


async def test_grafana_finds_a_prometheus(world: World) -> None:
    build = (await world.get("/api/v1/status/buildinfo"))["data"]
    assert build["version"] == "3.0.0"
    assert (await world.get("/api/v1/query_exemplars", query="x", start="0", end="1"))["data"] == []
    assert (await world.get("/api/v1/format_query", query="sum(x)by(a)"))["data"] == "sum by (a) (x)"


async def test_it_says_that_it_is_healthy_and_ready(world: World) -> None:
    for path in ("/-/healthy", "/-/ready"):
        async with world.session.get(world.url + path) as response:
            assert response.status == 200


async def test_its_own_metrics_are_an_exposition(world: World) -> None:
    found = await world.get("/api/v1/query", query='prometheus_tsdb_head_series{job="evaluator"} > 10')
    assert len(found["data"]["result"]) == 1


@pytest.mark.peer
async def test_promtool_can_ask_it(world: World, peer: Peer) -> None:
    promtool = peer.find("promtool")

    async def ask(*words: str) -> str:
        command = [promtool, "query", *words]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    span = [f"--start={_NOW - 60}", f"--end={_NOW}"]
    assert "=> 12 @" in await ask("instant", world.url, "sum(x)", f"--time={_NOW}")
    ranged = await ask("range", world.url, "sum(x)", f"--start={_NOW - 20}", f"--end={_NOW}", "--step=10s")
    assert ranged.count("12 @") == 3
    assert (await ask("labels", *span, world.url, "a")).split() == ["1", "2"]
    series = await ask("series", world.url, '--match=x{a!=""}', *span)
    assert series.count('__name__="x"') == 2


async def test_the_pages_show_alerts_targets_and_an_expression_and_escape_what_is_foreign(
    world: World,
) -> None:
    world.text = 'x{a="<script>"} 9\n'
    await world.run(11)

    async def page(path: str, **query: str) -> str:
        async with world.session.get(world.url + path, params=query) as response:
            assert response.status == 200
            return await response.text()

    assert "<td>pending<td>Hot" in await page("/")
    assert "<td>up<td>api" in await page("/targets")
    shown = await page("/graph", **{"g0.expr": "x"})
    assert "&lt;script&gt;" in shown and "<script>" not in shown
    assert "1:3: parse error" in await page("/graph", **{"g0.expr": "x{"})
